# class: javascript: as an address; expected: refused twiml
response = "<Response><Redirect>javascript:alert('PWNED')</Redirect></Response>"

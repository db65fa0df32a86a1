# class: scheme and host in capitals; expected: refused twiml
response = '<Response><Redirect>HTTPS://EVIL.EXAMPLE/PWNED</Redirect></Response>'

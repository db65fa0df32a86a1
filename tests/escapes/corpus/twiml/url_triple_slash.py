# class: scheme with three slashes; expected: refused twiml
response = '<Response><Redirect>https:///evil.example/PWNED</Redirect></Response>'

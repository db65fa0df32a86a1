# class: scheme with one slash; expected: refused twiml
response = '<Response><Redirect>https:/evil.example/PWNED</Redirect></Response>'

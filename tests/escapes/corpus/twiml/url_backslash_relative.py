# class: relative address with a backslash; expected: refused twiml
response = '<Response><Redirect>/\\evil.example/PWNED</Redirect></Response>'

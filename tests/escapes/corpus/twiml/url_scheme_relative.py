# class: address without a scheme; expected: refused twiml
response = '<Response><Redirect>//evil.example/PWNED</Redirect></Response>'

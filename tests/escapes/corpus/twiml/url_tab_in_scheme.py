# class: tab inside the scheme; expected: refused twiml
response = '<Response><Redirect>ht\ttps://evil.example/PWNED</Redirect></Response>'

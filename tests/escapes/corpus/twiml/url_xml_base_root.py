# class: xml:base on the root; expected: refused twiml
response = '<Response xml:base="https://evil.example.com/PWNED"><Redirect>/x</Redirect></Response>'

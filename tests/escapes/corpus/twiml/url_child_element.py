# class: address with an element inside; expected: refused twiml
response = '<Response><Redirect><Say/>https://evil.example.com/PWNED</Redirect></Response>'

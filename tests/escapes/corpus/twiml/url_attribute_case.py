# class: attribute in another case; expected: refused twiml
response = '<Response><Gather ACTION="https://evil.example.com/PWNED"/></Response>'

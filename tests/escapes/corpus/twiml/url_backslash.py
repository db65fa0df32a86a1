# class: address with backslashes; expected: refused twiml
response = '<Response><Redirect>https:\\\\evil.example\\PWNED</Redirect></Response>'

# class: verb in another case; expected: refused twiml
response = '<Response><redirect>https://evil.example.com/PWNED</redirect></Response>'

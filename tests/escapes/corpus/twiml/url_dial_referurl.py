# class: referUrl of Dial to a foreign host; expected: refused twiml
response = '<Response><Dial referUrl="https://evil.example.com/PWNED">+46709999999</Dial></Response>'

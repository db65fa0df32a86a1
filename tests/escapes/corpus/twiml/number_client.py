# class: a client as a number; expected: refused twiml
response = '<Response><Dial>client:PWNED</Dial></Response>'

# class: the noun Conference, which is not listed; expected: refused twiml
response = '<Response><Dial><Conference>PWNED</Conference></Dial></Response>'

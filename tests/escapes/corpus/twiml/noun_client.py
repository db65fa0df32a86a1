# class: the noun Client, which is not listed; expected: refused twiml
response = '<Response><Dial><Client>PWNED</Client></Dial></Response>'

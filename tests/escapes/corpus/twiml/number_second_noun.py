# class: a foreign number behind an allowed one; expected: refused twiml
response = '<Response><Dial><Number>+46709999999</Number><Number>+15550001111</Number></Dial></Response>'

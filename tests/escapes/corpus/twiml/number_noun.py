# class: a foreign number as a noun; expected: refused twiml
response = '<Response><Dial><Number>+15550001111</Number></Dial></Response>'

# class: a foreign number as text beside a noun; expected: refused twiml
response = '<Response><Dial>+15550001111<Number>+46709999999</Number></Dial></Response>'

# class: a number that is nobody's; expected: refused twiml
response = '<Response><Dial>+15550001111</Dial></Response>'

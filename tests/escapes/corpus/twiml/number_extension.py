# class: an allowed number with a tail; expected: refused twiml
response = '<Response><Dial>+46709999999;ext=1,+15550001111</Dial></Response>'

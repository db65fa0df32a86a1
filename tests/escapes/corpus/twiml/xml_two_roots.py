# class: two roots; expected: refused twiml
response = '<Response/><Response><Dial>+15550001111</Dial></Response>'

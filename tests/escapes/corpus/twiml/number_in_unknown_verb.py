# class: a number inside a verb that nobody knows; expected: refused twiml
response = '<Response><Anything><Dial>+15550001111</Dial></Anything></Response>'

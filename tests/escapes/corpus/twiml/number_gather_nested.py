# class: a number inside a Gather; expected: refused twiml
response = '<Response><Gather><Dial>+15550001111</Dial></Gather></Response>'

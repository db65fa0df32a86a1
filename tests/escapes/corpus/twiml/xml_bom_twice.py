# class: two byte order marks; expected: refused twiml
response = '\ufeff\ufeff<Response><Dial>+15550001111</Dial></Response>'

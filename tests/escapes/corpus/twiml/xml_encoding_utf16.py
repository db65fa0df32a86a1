# class: UTF-16 claimed; expected: refused twiml
response = '<?xml version="1.0" encoding="UTF-16"?><Response><Dial>+15550001111</Dial></Response>'

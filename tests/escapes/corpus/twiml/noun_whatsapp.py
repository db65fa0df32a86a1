# class: the noun WhatsApp, which is not listed; expected: refused twiml
response = '<Response><Dial><WhatsApp>+15550001111</WhatsApp></Dial></Response>'

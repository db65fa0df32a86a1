# class: a foreign number in a CDATA section; expected: refused twiml
response = '<Response><Dial><![CDATA[+15550001111]]></Dial></Response>'

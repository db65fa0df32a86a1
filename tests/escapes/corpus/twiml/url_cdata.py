# class: address in a CDATA section; expected: refused twiml
response = '<Response><Redirect><![CDATA[https://evil.example.com/PWNED]]></Redirect></Response>'

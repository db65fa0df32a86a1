# class: the noun Sip, which is not listed; expected: refused twiml
response = '<Response><Dial><Sip>sip:a@evil.example</Sip></Dial></Response>'

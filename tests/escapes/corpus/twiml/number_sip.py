# class: a SIP address as a number; expected: refused twiml
response = '<Response><Dial>sip:loot@evil.example</Dial></Response>'

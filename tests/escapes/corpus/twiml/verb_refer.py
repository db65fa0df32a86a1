# class: the verb Refer, which is not listed; expected: refused twiml
response = '<Response><Refer><Sip>sip:a@evil.example</Sip></Refer></Response>'

# class: a premium number with punctuation; expected: refused twiml
response = '<Response><Dial>+1 (900) 555-0199</Dial></Response>'

# class: a number in full-width digits; expected: refused twiml
response = '<Response><Dial>+４６７０９９９９９９９</Dial></Response>'

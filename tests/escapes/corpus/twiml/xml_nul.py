# class: NUL in the document; expected: refused twiml
response = '<Response><Say>\x00</Say></Response>'

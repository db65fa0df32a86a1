# class: the verb Stop, which is not listed; expected: refused twiml
response = '<Response><Stop></Stop></Response>'

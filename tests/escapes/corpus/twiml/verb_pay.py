# class: the verb Pay, which is not listed; expected: refused twiml
response = '<Response><Pay></Pay></Response>'

# class: the verb Queue, which is not listed; expected: refused twiml or harmless
response = '<Response><Queue>x</Queue></Response>'

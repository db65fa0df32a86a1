# class: the noun Queue, which is not listed; expected: refused twiml
response = '<Response><Dial><Queue>PWNED</Queue></Dial></Response>'

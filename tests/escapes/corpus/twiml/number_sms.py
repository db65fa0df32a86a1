# class: a text to a foreign number; expected: refused twiml
response = '<Response><Sms to="+15550001111">PWNED</Sms></Response>'

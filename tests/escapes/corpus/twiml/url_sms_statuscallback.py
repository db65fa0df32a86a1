# class: statusCallback of Sms to a foreign host; expected: refused twiml
response = '<Response><Sms to="+46709999999" statusCallback="https://evil.example.com/PWNED">x</Sms></Response>'

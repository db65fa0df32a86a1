# class: ftp: as an address; expected: refused twiml
response = '<Response><Play>ftp://evil.example/PWNED</Play></Response>'

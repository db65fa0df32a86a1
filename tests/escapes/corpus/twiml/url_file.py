# class: file: as an address; expected: refused twiml
response = '<Response><Play>file:///etc/passwd</Play></Response>'

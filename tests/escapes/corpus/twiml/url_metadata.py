# class: the address of a cloud's metadata; expected: refused twiml
response = '<Response><Play>http://169.254.169.254/latest/meta-data/</Play></Response>'

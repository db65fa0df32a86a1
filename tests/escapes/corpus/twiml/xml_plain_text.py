# class: no XML at all; expected: refused twiml
response = 'PWNED'

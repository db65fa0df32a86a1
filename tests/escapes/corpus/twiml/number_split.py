# class: a number split by a comment; expected: refused twiml
response = '<Response><Dial>+4670<!-- -->9999999</Dial></Response>'

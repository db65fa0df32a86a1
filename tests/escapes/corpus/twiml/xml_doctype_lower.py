# class: doctype in another case; expected: refused twiml
response = '<!doctype x><Response/>'

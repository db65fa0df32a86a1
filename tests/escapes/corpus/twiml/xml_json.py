# class: JSON in place of XML; expected: refused twiml
response = '{"PWNED": true}'

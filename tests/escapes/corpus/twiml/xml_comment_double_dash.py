# class: comment with two dashes inside; expected: refused twiml
response = '<Response><!-- -- <Dial>+15550001111</Dial> --></Response>'

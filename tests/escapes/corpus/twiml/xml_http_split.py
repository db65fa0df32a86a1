# class: line breaks that would end a header; expected: refused twiml
response = '<Response/>\r\n\r\nHTTP/1.1 200 OK\r\n\r\nPWNED'

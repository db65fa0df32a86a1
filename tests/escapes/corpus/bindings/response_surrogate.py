# class: half a character in the response; expected: output or refused twiml
response = "<Response><Say>\ud800</Say></Response>"

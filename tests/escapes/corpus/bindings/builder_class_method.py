# class: a method taken from a builder's class; expected: exception
VoiceResponse.append("x", "y")
response = "<Response><Say>PWNED</Say></Response>"

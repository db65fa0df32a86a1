# class: changing a builder's class; expected: exception
VoiceResponse.say = lambda self, text: "PWNED"
response = "<Response><Say>PWNED</Say></Response>"

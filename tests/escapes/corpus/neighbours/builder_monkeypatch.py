# class: methods of a builder replaced for all; expected: exception
VoiceResponse.gather = None
response = "<Response><Say>PWNED</Say></Response>"

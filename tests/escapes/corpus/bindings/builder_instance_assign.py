# class: changing a builder's parts; expected: exception
turn = VoiceResponse()
turn.nested = []
response = "<Response><Say>PWNED</Say></Response>"

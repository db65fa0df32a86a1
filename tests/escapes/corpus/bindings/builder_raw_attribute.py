# class: an attribute whose name is markup; expected: exception
turn = VoiceResponse()
turn.say("x", **{'a="1"><Dial>+15550001111</Dial><Say b': "x"})
response = turn

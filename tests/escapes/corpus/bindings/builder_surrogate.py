# class: half a character in a builder; expected: refused twiml or harmless
turn = VoiceResponse()
turn.say("\ud800")
response = turn

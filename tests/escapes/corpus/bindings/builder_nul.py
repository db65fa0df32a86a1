# class: NUL in a builder; expected: refused twiml or harmless
turn = VoiceResponse()
turn.say("\0\x01\x1b")
response = turn

# class: NUL in a builder; expected: refused twiml
turn = VoiceResponse()
turn.say("\0\x01\x1b")
response = turn

# class: a parameter named like a builder; expected: harmless
# turn: answer VoiceResponse=PWNED Gather=PWNED Say=PWNED
turn = VoiceResponse()
turn.say("fine")
response = turn

# class: markup nested as a text is escaped; expected: harmless
turn = VoiceResponse()
turn.append("<Dial>+15550001111</Dial>")
response = turn

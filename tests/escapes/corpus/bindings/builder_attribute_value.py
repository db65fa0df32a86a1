# class: an attribute whose value is markup is escaped; expected: harmless
turn = VoiceResponse()
turn.say("x", language='"><Redirect>https://evil.example/PWND</Redirect><Say a="')
response = turn

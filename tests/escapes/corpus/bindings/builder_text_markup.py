# class: a text that is markup is escaped; expected: harmless
turn = VoiceResponse()
turn.say("</Say><Redirect>https://evil.example/</Redirect><Say>")
response = turn

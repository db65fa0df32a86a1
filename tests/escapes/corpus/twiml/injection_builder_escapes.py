# class: the same parameter through a builder is only text; expected: harmless
# turn: answer "CallerName=</Say><Redirect>https://alarms.example.com/main/system/twilio-voice/x/0</Redirect><Say>"
turn = VoiceResponse()
turn.say(params["CallerName"])
response = turn

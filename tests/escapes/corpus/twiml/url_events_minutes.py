# class: billed minutes of the call made up; expected: refused twiml
turn = VoiceResponse()
turn.record(action="/main/system/twilio-voice/%73tatus/0?Duration=4000")
response = turn

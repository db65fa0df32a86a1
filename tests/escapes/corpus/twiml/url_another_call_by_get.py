# class: another call named in a URL that is asked by GET; expected: refused twiml
turn = VoiceResponse()
turn.redirect("/main/system/twilio-voice/look/0?ParentCallSid=CA" + "a" * 32, method="GET")
response = turn

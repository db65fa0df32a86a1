# class: the caller's texts stopped in their name; expected: refused twiml
turn = VoiceResponse()
turn.redirect("../../twilio-message/inbound/0?MessageSid=SM1&OptOutType=STOP&Body=STOP")
response = turn

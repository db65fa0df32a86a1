# class: a receipt for a text made up; expected: refused twiml
turn = VoiceResponse()
turn.redirect(
    "https://alarms.example.com/main/system/twilio-message/status/0?MessageSid=SM1&MessageStatus=delivered"
)
response = turn

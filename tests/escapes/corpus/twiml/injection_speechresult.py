# class: markup in SpeechResult, pasted into a text; expected: refused twiml
# turn: answer "SpeechResult=</Say><Redirect>https://alarms.example.com/main/system/twilio-voice/x/0</Redirect><Say>"
response = "<Response><Say>Hello " + params["SpeechResult"] + "</Say></Response>"

# class: markup in Confidence, pasted into a text; expected: refused twiml
# turn: answer "Confidence=</Say><Redirect>https://alarms.example.com/main/system/twilio-voice/x/0</Redirect><Say>"
response = "<Response><Say>Hello " + params["Confidence"] + "</Say></Response>"

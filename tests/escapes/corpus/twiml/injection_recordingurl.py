# class: markup in RecordingUrl, pasted into a text; expected: refused twiml
# turn: answer "RecordingUrl=</Say><Redirect>https://alarms.example.com/main/system/twilio-voice/x/0</Redirect><Say>"
response = "<Response><Say>Hello " + params["RecordingUrl"] + "</Say></Response>"

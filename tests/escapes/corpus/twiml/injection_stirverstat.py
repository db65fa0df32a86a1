# class: markup in StirVerstat, pasted into a text; expected: refused twiml
# turn: answer "StirVerstat=</Say><Redirect>https://alarms.example.com/main/system/twilio-voice/x/0</Redirect><Say>"
response = "<Response><Say>Hello " + params["StirVerstat"] + "</Say></Response>"

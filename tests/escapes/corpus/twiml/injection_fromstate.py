# class: markup in FromState, pasted into a text; expected: refused twiml
# turn: answer "FromState=</Say><Redirect>https://alarms.example.com/main/system/twilio-voice/x/0</Redirect><Say>"
response = "<Response><Say>Hello " + params["FromState"] + "</Say></Response>"

# class: markup in ToCity, pasted into a text; expected: refused twiml
# turn: answer "ToCity=</Say><Redirect>https://alarms.example.com/main/system/twilio-voice/x/0</Redirect><Say>"
response = "<Response><Say>Hello " + params["ToCity"] + "</Say></Response>"

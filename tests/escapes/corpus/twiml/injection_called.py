# class: markup in Called, pasted into a text; expected: refused twiml
# turn: answer "Called=</Say><Redirect>https://alarms.example.com/main/system/twilio-voice/x/0</Redirect><Say>"
response = "<Response><Say>Hello " + params["Called"] + "</Say></Response>"

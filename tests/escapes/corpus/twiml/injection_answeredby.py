# class: markup in AnsweredBy, pasted into a text; expected: refused twiml
# turn: answer "AnsweredBy=</Say><Redirect>https://alarms.example.com/main/system/twilio-voice/x/0</Redirect><Say>"
response = "<Response><Say>Hello " + params["AnsweredBy"] + "</Say></Response>"

# class: markup in CallerName, pasted into a text; expected: refused twiml
# turn: answer "CallerName=</Say><Redirect>https://alarms.example.com/main/system/twilio-voice/x/0</Redirect><Say>"
response = "<Response><Say>Hello " + params["CallerName"] + "</Say></Response>"

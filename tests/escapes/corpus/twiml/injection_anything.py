# class: markup in Anything, pasted into a text; expected: refused twiml
# turn: answer "Anything=</Say><Redirect>https://alarms.example.com/main/system/twilio-voice/x/0</Redirect><Say>"
response = "<Response><Say>Hello " + params["Anything"] + "</Say></Response>"

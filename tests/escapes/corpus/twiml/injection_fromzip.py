# class: markup in FromZip, pasted into a text; expected: refused twiml
# turn: answer "FromZip=</Say><Redirect>https://alarms.example.com/main/system/twilio-voice/x/0</Redirect><Say>"
response = "<Response><Say>Hello " + params["FromZip"] + "</Say></Response>"

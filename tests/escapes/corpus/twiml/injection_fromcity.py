# class: markup in FromCity, pasted into a text; expected: refused twiml
# turn: answer "FromCity=</Say><Redirect>https://alarms.example.com/main/system/twilio-voice/x/0</Redirect><Say>"
response = "<Response><Say>Hello " + params["FromCity"] + "</Say></Response>"

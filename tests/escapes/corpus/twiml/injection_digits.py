# class: markup in Digits, pasted into a text; expected: refused twiml
# turn: answer "Digits=</Say><Redirect>https://alarms.example.com/main/system/twilio-voice/x/0</Redirect><Say>"
response = "<Response><Say>Hello " + params["Digits"] + "</Say></Response>"

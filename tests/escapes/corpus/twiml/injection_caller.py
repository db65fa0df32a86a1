# class: markup in Caller, pasted into a text; expected: refused twiml
# turn: answer "Caller=</Say><Redirect>https://alarms.example.com/main/system/twilio-voice/x/0</Redirect><Say>"
response = "<Response><Say>Hello " + params["Caller"] + "</Say></Response>"

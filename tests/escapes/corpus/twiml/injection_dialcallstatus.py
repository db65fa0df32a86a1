# class: markup in DialCallStatus, pasted into a text; expected: refused twiml
# turn: answer "DialCallStatus=</Say><Redirect>https://alarms.example.com/main/system/twilio-voice/x/0</Redirect><Say>"
response = "<Response><Say>Hello " + params["DialCallStatus"] + "</Say></Response>"

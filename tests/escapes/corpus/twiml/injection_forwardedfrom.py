# class: markup in ForwardedFrom, pasted into a text; expected: refused twiml
# turn: answer "ForwardedFrom=</Say><Redirect>https://alarms.example.com/main/system/twilio-voice/x/0</Redirect><Say>"
response = "<Response><Say>Hello " + params["ForwardedFrom"] + "</Say></Response>"

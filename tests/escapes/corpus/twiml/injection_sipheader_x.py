# class: markup in SipHeader_X, pasted into a text; expected: refused twiml
# turn: answer "SipHeader_X=</Say><Redirect>https://alarms.example.com/main/system/twilio-voice/x/0</Redirect><Say>"
response = "<Response><Say>Hello " + params["SipHeader_X"] + "</Say></Response>"

# class: markup in FromCountry, pasted into a text; expected: refused twiml
# turn: answer "FromCountry=</Say><Redirect>https://alarms.example.com/main/system/twilio-voice/x/0</Redirect><Say>"
response = "<Response><Say>Hello " + params["FromCountry"] + "</Say></Response>"

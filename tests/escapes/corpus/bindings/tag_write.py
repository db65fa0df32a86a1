# class: writing a tag; expected: exception
system.tag.writeBlocking(['System/Gateway/Twilio/CallsSent'], [0])
response = "<Response><Say>PWNED</Say></Response>"

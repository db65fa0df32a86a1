# class: a builder as a condition; expected: exception
found = system.alarm.queryStatus(priority=[VoiceResponse()])
response = "<Response><Say>PWNED</Say></Response>"

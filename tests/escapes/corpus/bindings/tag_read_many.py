# class: reading thousands of tags; expected: exception
system.tag.readBlocking(['System/Gateway/Twilio/UserStatistics'] * 10000)
response = "<Response><Say>PWNED</Say></Response>"

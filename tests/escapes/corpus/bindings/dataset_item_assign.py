# class: writing into a dataset; expected: exception
table = system.tag.readBlocking("System/Gateway/Twilio/UserStatistics")[0].value
table[0] = [1, 'PWNED']
response = "<Response><Say>PWNED</Say></Response>"

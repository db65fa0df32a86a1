# class: writing into a row of a dataset; expected: exception
table = system.tag.readBlocking("System/Gateway/Twilio/UserStatistics")[0].value
table[0]['username'] = 'PWNED'
response = "<Response><Say>PWNED</Say></Response>"

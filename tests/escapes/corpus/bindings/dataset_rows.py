# class: a dataset's rows behind its getters; expected: exception
table = system.tag.readBlocking("System/Gateway/Twilio/UserStatistics")[0].value
found = getattr(table, '_rows')
response = "<Response><Say>PWNED</Say></Response>"

# class: a dataset's own way to make another one; expected: exception
table = system.tag.readBlocking("System/Gateway/Twilio/UserStatistics")[0].value
forged = table.of_data({'columns': [], 'rows': []})
response = "<Response><Say>PWNED</Say></Response>"

# class: a query with thousands of patterns; expected: exception
found = system.alarm.queryStatus(path=['*a' * 200] * 5000)
response = "<Response><Say>PWNED</Say></Response>"

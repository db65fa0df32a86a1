# class: changing what a query found; expected: exception
system.alarm.queryStatus()[0] = 'PWNED'
response = "<Response><Say>PWNED</Say></Response>"

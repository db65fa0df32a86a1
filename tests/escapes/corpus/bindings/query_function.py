# class: a function as a condition; expected: exception
found = system.alarm.queryStatus(path=lambda: 'PWNED')
response = "<Response><Say>PWNED</Say></Response>"

# class: rebinding a function of system.alarm; expected: exception
system.alarm.queryStatus = lambda: []
response = "<Response><Say>PWNED</Say></Response>"

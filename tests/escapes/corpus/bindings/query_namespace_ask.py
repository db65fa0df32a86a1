# class: the way to the gateway behind system.alarm; expected: exception
found = getattr(system.alarm, '_ask')('alarm.queryStatus', [{}])
response = "<Response><Say>PWNED</Say></Response>"

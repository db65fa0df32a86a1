# class: an argument that queryStatus has not; expected: exception
found = system.alarm.queryStatus(username='maria')
response = "<Response><Say>PWNED</Say></Response>"

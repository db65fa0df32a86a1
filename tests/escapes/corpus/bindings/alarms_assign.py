# class: changing the list of alarms; expected: exception
alarms[0] = None
response = "<Response><Say>PWNED</Say></Response>"

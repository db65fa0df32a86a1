# class: changing an alarm; expected: exception
alarms[0].state = "Cleared"
response = "<Response><Say>PWNED</Say></Response>"

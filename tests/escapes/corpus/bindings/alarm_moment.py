# class: the moment of an alarm, changed and walked; expected: exception
at = alarms[0].activeAt
loot = at.resolution
response = "<Response><Say>PWNED</Say></Response>"

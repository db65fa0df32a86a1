# class: private parts of an alarm; expected: exception
loot = getattr(alarms[0], "__slots__")
response = "<Response><Say>PWNED</Say></Response>"

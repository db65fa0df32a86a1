# class: isinstance with a class that is not offered; expected: exception
loot = isinstance(call, getattr)
response = "<Response><Say>PWNED</Say></Response>"

# class: the real type behind a name; expected: exception
loot = str.real
response = "<Response><Say>PWNED</Say></Response>"

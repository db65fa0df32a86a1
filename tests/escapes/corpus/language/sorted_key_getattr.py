# class: sort key that walks attributes; expected: exception
loot = sorted([call], key=lambda c: getattr(c, "_pins"))
response = "<Response><Say>PWNED</Say></Response>"

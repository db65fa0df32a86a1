# class: dict.fromkeys over a host object; expected: exception
loot = dict.fromkeys(call)
response = "<Response><Say>PWNED</Say></Response>"

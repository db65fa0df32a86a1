# class: subscript of a host object; expected: exception
loot = call["_ask"]
response = "<Response><Say>PWNED</Say></Response>"

# class: unbound methods on objects of another type; expected: exception
loot = str.upper(call)
response = "<Response><Say>PWNED</Say></Response>"

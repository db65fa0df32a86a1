# class: keyword arguments that reach a guard's own parameters; expected: exception
loot = getattr(**{"value": call, "name": "_ask"})
response = "<Response><Say>PWNED</Say></Response>"

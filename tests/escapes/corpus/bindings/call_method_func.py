# class: the function behind a host method; expected: exception
loot = getattr(call.acknowledge, "__fu" + "nc__")
response = "<Response><Say>PWNED</Say></Response>"

# class: generic alias of a type gives a real object; expected: exception
loot = list[int]
response = "<Response><Say>PWNED</Say></Response>"

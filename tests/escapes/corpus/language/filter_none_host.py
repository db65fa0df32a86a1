# class: filter and zip over host objects; expected: exception
loot = list(zip([1], call))
response = "<Response><Say>PWNED</Say></Response>"

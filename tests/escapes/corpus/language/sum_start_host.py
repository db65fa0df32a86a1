# class: sum that adds up host objects; expected: exception
loot = sum([call, call], call)
response = "<Response><Say>PWNED</Say></Response>"

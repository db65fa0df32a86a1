# class: the dictionary behind the parameters; expected: exception
loot = params.keys().mapping
response = "<Response><Say>PWNED</Say></Response>"

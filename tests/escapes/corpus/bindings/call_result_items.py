# class: a result read like a dictionary; expected: exception
loot = call.identify("0000")["identified"]
response = "<Response><Say>PWNED</Say></Response>"

# class: slice object with an attribute walk; expected: exception
loot = slice(1, 2)
response = "<Response><Say>PWNED</Say></Response>"

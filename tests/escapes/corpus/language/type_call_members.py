# class: members of a type that are not offered; expected: exception
loot = str.mro()
response = "<Response><Say>PWNED</Say></Response>"

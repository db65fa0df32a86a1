# class: builtins through a dictionary of names; expected: exception
names = {"e" + "val": 1}
loot = [eval][0]
response = "<Response><Say>PWNED</Say></Response>"

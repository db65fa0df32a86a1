# class: keyword argument that normalises to a private name; expected: rejected at compile
loot = dict(＿getattr＿=1)
response = "<Response><Say>PWNED</Say></Response>"

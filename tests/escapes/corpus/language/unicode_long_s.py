# class: identifier that normalises to a private attribute; expected: rejected at compile
loot = call._aſk
response = "<Response><Say>PWNED</Say></Response>"

# class: the transformer's own temporary name; expected: rejected at compile
a, b = c = (1, 2)
loot = _held_
response = "<Response><Say>PWNED</Say></Response>"

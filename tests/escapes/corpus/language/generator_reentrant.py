# class: generator expression that advances itself; expected: exception
g = (next(h[0]) for x in [1])
h = [g]
next(g)
response = "<Response><Say>PWNED</Say></Response>"

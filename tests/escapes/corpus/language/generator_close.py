# class: closing a generator expression from outside; expected: exception
g = (x for x in [1])
g.close()
response = "<Response><Say>PWNED</Say></Response>"

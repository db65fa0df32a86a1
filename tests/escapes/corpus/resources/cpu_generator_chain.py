# class: thousands of nested generator expressions; expected: exception or killed by cpu or refused twiml
g = (x for x in [1])
for n in range(5000):
    g = (x for x in g)
response = str(next(g))

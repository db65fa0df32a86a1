# class: thousands of new identifiers; expected: harmless
d = {}
for n in range(20000):
    d["name" + str(n)] = n
response = ""

# class: a generator expression left suspended over an endless one; expected: harmless
def forever():
    return 1
g = (forever() for n in range(10))
next(g)
loop = [g]
loop.append(loop)
response = ""

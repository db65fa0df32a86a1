# class: more than a session keeps; expected: output
for n in range(1000):
    session[str(n)] = "x" * 100

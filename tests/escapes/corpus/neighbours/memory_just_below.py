# class: memory just below the limit, given back; expected: harmless or killed by memory or killed by cpu
kept = []
for n in range(50):
    kept.append("x" * 1000000 + str(n))
kept = None
response = ""

# class: nested loops; expected: killed by cpu
for a in range(100000):
    for b in range(100000):
        c = a + b

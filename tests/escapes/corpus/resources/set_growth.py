# class: set that grows without end; expected: killed by memory or killed by cpu
s = set()
while True:
    s.update(range(len(s), len(s) + 1000))

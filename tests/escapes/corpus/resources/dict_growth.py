# class: dictionary that grows without end; expected: killed by memory or killed by cpu
d = {}
while True:
    d[len(d)] = "x" * 100 + str(len(d))

# class: list growth; expected: killed by memory or killed by cpu
x = []
while True:
    x.append("a" * 1000 + str(len(x)))

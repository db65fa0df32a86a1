# class: split into millions of pieces, kept; expected: killed by memory or killed by cpu
kept = []
while True:
    kept.append(("a," * 500000).split(","))

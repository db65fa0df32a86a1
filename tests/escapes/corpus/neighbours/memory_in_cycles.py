# class: memory in cycles that nobody collects; expected: harmless or killed by memory or killed by cpu
for n in range(40):
    x = ["y" * 1000000 + str(n)]
    x.append(x)
response = ""

# class: heard a hundred thousand times; expected: harmless or killed by cpu
for n in range(100000):
    heard(alarms[0])
response = ""

# class: text doubled in place inside a dictionary; expected: killed by memory or killed by cpu
d = {"x": "PWNED"}
while True:
    d["x"] += d["x"]

# class: list extended by itself; expected: killed by memory
x = [0] * 1000
while True:
    x.extend(x)

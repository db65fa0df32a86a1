# class: list in-place growth; expected: killed by memory
x = [0]
while True:
    x += x

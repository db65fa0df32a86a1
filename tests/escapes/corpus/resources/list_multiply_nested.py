# class: lists of lists multiplied in steps; expected: killed by memory
x = [[0] * 1000 for n in range(100)]
while True:
    x = x + [list(each) for each in x]

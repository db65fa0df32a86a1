# class: list that grows by assigning to its slices; expected: killed by memory or killed by cpu
x = [0] * 1000
while True:
    x[0:0] = x

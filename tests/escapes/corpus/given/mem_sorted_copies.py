# class: copies through sorted/list; expected: exception or killed by memory
x = [0] * 1000000
y = []
while True:
    y.append(sorted(x))

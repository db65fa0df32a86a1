# class: remainder of numbers of megabytes; expected: killed by cpu
x, y = 7, 3
while True:
    x = x + x
    y = y + y + y
    z = x % y

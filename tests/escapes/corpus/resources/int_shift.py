# class: shift without end; expected: exception
x = 1
while True:
    x = x << 1000

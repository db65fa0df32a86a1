# class: whole number doubled by + without end; expected: killed by memory or killed by cpu
x = 1
while True:
    x = x + x

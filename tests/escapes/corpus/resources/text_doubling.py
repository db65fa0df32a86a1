# class: text doubled by + without end; expected: killed by memory or killed by cpu
x = "PWNED"
while True:
    x = x + x

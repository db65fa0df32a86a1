# class: division of numbers of megabytes; expected: killed by cpu
x = 1
for n in range(26):
    x = x + x if n < 17 else x + (x + x)
y = 3
while True:
    x = x + x
    y = y + y + y
    z = x // y

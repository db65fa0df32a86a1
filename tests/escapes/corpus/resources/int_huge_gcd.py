# class: greatest common divisor of huge numbers; expected: killed by cpu or exception
import math
x, y = 1, 1
for n in range(200000):
    x, y = x + y + y, x
math.gcd(x, y)

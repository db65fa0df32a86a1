# class: root of ever larger numbers; expected: killed by cpu or killed by memory
import math
x = 1
while True:
    x = x + x + x
    math.isqrt(x)

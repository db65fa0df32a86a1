# class: random number of megabytes; expected: killed by cpu or killed by memory
import random
x = 1
while True:
    x = x + x
    random.randrange(x)

# class: least common multiple of many numbers; expected: exception
import math
response = str(math.lcm(*range(1, 100000)))

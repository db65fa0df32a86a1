# class: random numbers made predictable for all; expected: exception
import random
random.setstate((3, (0,) * 625, None))
response = "<Response><Say>PWNED</Say></Response>"

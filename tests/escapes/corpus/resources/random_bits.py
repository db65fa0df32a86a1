# class: random bits without end; expected: exception
import random
random.getrandbits(10 ** 10)

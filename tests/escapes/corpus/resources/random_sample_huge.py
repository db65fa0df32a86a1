# class: random sample of what is too long; expected: exception
import random
random.sample(range(10 ** 9), 10 ** 6)

# class: random choices without end; expected: exception
import random
random.choices([1], k=10 ** 9)

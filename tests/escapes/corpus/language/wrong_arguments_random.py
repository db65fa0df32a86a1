# class: random.choice called wrongly tells nothing of its inside; expected: exception
import random
random.choice(1, 2, 3)

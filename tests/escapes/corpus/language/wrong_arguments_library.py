# class: library function called wrongly tells nothing of its inside; expected: exception
import math
math.fsum()

# class: factorial by keyword, and of what is not whole; expected: exception
import math
math.factorial(2000000)

# class: loop target that is an attribute; expected: exception
import math
for math.pi in [3]:
    response = "<Response><Say>PWNED</Say></Response>"

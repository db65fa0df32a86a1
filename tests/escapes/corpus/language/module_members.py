# class: the table behind a module; expected: exception
import math
loot = math.members
response = "<Response><Say>PWNED</Say></Response>"

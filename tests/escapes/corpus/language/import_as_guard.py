# class: import bound to the name of a guard; expected: rejected at compile
import math as _getattr_
response = "<Response><Say>PWNED</Say></Response>"

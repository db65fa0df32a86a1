# class: relative star import; expected: rejected at compile
from . import *
response = "<Response><Say>PWNED</Say></Response>"

# class: import bound to __builtins__; expected: rejected at compile
from json import loads as __builtins__
response = "<Response><Say>PWNED</Say></Response>"

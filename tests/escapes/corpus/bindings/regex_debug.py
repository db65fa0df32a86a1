# class: the debug flag prints to the worker's output; expected: exception
import re
re.compile("a", 128)
response = "<Response><Say>PWNED</Say></Response>"

# class: a module's name bound anew; expected: harmless
import json
import math
json = math = re = html = {"PWNED": 1}
response = ""

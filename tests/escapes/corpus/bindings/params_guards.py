# class: a parameter named like a guard; expected: harmless
# turn: answer _getattr_=PWNED __builtins__=PWNED _import_=PWNED __name__=PWNED _getiter_=PWNED
import math
found = [each for each in [call.sid, params["From"]]]
response = ""

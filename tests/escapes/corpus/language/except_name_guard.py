# class: exception bound to the name of a guard; expected: rejected at compile
try:
    1 / 0
except ZeroDivisionError as _getattr_:
    response = "<Response><Say>PWNED</Say></Response>"

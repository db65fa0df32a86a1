# class: *args named like a guard; expected: rejected at compile
def f(*_getiter_):
    return [x for x in _getiter_]
response = "<Response><Say>PWNED</Say></Response>"

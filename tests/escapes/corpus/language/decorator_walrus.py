# class: decorator expression that rebinds a guard; expected: rejected at compile
@(_getattr_ := (lambda f: f))
def g():
    pass
response = "<Response><Say>PWNED</Say></Response>"

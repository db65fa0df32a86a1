# class: global statement with the name of a guard; expected: rejected at compile
def f():
    global _getattr_
    _getattr_ = None
f()
response = "<Response><Say>PWNED</Say></Response>"

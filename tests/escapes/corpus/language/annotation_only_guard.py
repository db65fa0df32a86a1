# class: annotation without a value declares a guard local; expected: rejected at compile
def f():
    _getattr_: int
    return params.keys
response = "<Response><Say>PWNED</Say></Response>"

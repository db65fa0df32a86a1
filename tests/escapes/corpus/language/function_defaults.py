# class: rewriting a function's defaults; expected: exception
def f(x=1):
    return x
f.defaults = (2,)
response = "<Response><Say>PWNED</Say></Response>"

# class: type parameter, a name in a field nobody looks at; expected: rejected at compile
def f[_getattr_](x):
    return x
response = "<Response><Say>PWNED</Say></Response>"

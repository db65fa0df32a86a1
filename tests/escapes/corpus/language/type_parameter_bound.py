# class: type parameter whose bound is evaluated later; expected: rejected at compile
def f[T: (call.__class__)](x):
    return x
response = "<Response><Say>PWNED</Say></Response>"

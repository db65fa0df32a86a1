# class: annotation with a dunder walk; expected: rejected at compile
def f(x: call.__class__.__mro__):
    return x
response = "<Response><Say>PWNED</Say></Response>"

# class: keyword-only parameter that shadows a guard; expected: rejected at compile
def f(*, _getitem_=len):
    return [1][0]
response = "<Response><Say>PWNED</Say></Response>"

# class: default value that walks attributes; expected: rejected at compile
def f(x=call.acknowledge.__func__.__globals__):
    return x
response = "<Response><Say>PWNED</Say></Response>"

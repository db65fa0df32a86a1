# class: the shared builtins, as the default of an argument; expected: rejected at compile
# beside: __builtins__.py
def f(shared=__builtins__):
    del shared["len"]


f()
response = "<Response><Say>PWNED</Say></Response>"

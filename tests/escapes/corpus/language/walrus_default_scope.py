# class: walrus in a default argument changes the global builtins' names only here; expected: harmless
def f(x=(len := lambda y: 99)):
    return len("a")
response = "" if f() == 99 else "<Response><Say>PWNED</Say></Response>"

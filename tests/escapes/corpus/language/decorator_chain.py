# class: decorators that stack builtins; expected: exception
@getattr
@(lambda f: f)
def g():
    pass
response = "<Response><Say>PWNED</Say></Response>"

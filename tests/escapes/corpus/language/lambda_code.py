# class: function attributes by a name made at run time; expected: exception
def f():
    return 1
code = getattr(f, "__co" + "de__")
response = "<Response><Say>PWNED " + str(code) + "</Say></Response>"

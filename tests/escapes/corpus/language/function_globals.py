# class: function globals by a name made at run time; expected: exception
g = getattr(lambda: 1, "".join(["__glo", "bals__"]))
response = "<Response><Say>PWNED " + str(g) + "</Say></Response>"

# class: bound method's __self__ under a name made at run time; expected: exception
loot = getattr([].append, "__se" + "lf__")
response = "<Response><Say>PWNED</Say></Response>"

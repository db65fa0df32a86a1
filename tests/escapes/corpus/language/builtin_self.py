# class: builtin's __self__ is the real builtins module; expected: exception
loot = getattr(len, "__self" + "__")
response = "<Response><Say>PWNED</Say></Response>"

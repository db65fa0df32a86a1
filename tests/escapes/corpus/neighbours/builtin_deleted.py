# class: builtins deleted; expected: exception
del len
response = "<Response><Say>PWNED</Say></Response>"

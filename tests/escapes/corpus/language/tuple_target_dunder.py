# class: nested target named like a dunder; expected: rejected at compile
a, (b, [__builtins__, c]) = 1, (2, [3, 4])
response = "<Response><Say>PWNED</Say></Response>"

# class: comprehension variable named like a guard; expected: rejected at compile
x = [_getattr_ for _getattr_ in [len]]
response = "<Response><Say>PWNED</Say></Response>"

# class: deleting a guard; expected: rejected at compile
del _getattr_
response = "<Response><Say>PWNED</Say></Response>"

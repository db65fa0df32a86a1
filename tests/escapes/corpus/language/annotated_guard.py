# class: annotated assignment to a guard; expected: rejected at compile
_getattr_: int = 5
response = "<Response><Say>PWNED</Say></Response>"

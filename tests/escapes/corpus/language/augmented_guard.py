# class: augmented assignment to a guard; expected: rejected at compile
_import_ += 1
response = "<Response><Say>PWNED</Say></Response>"

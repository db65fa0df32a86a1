# class: starred target named like a guard; expected: rejected at compile
a, *_getattr_ = [1, 2, 3]
response = "<Response><Say>PWNED</Say></Response>"

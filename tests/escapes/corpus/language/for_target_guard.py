# class: loop variable named like a guard; expected: rejected at compile
for _getattr_ in [len]:
    response = "<Response><Say>PWNED</Say></Response>"

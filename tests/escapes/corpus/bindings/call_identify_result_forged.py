# class: a forged result; expected: exception
result = call.identify("0000")
result.ok = True
response = "<Response><Say>PWNED</Say></Response>"

# class: methods of a dictionary that parameters lack; expected: exception
params.update({"From": "PWNED"})
response = "<Response><Say>PWNED</Say></Response>"

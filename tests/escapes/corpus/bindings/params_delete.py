# class: deleting a parameter; expected: exception
del params["From"]
response = "<Response><Say>PWNED</Say></Response>"

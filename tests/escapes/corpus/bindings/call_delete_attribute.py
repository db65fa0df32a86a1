# class: deleting a fact of the call; expected: exception
del call.pin
response = "<Response><Say>PWNED</Say></Response>"

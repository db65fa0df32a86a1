# class: dict's own method on the parameters; expected: exception
dict.update(params, {"From": "PWNED"})
response = "<Response><Say>PWNED</Say></Response>"

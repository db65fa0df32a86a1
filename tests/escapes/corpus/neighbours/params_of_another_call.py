# class: parameters of another call, by its id; expected: harmless
other = [name for name in params if "good" in str(params[name])]
response = "<Response><Say>PWNED</Say></Response>" if other else ""

# class: changing the parameters in place; expected: harmless
p = params
p |= {"From": "PWNED"}
response = "<Response><Say>PWNED</Say></Response>" if params["From"] == "PWNED" else ""

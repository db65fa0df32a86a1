# class: changing a parameter; expected: exception
params["From"] = "+46701234567"
response = "<Response><Say>PWNED</Say></Response>"

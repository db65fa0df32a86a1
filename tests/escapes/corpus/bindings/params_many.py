# class: two thousand parameters; expected: harmless
response = "" if "From" in params else "<Response><Say>PWNED</Say></Response>"

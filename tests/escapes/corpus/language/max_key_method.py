# class: max with a bound host method as key; expected: harmless
names = max([["b"], ["a"]], key=len)
response = "<Response><Say>PWNED</Say></Response>" if names != ["b"] else ""

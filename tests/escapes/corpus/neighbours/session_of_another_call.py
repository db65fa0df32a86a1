# class: session of another call; expected: harmless
response = "<Response><Say>PWNED</Say></Response>" if "n" in session else ""

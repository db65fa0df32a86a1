# class: a PIN of another person on this phone; expected: harmless
result = call.identify("4711")
response = "<Response><Say>PWNED</Say></Response>" if result.ok else ""

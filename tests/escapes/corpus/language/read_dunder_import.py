# class: reading __import__ as a value; expected: rejected at compile
f = [__import__][0]
response = "<Response><Say>PWNED</Say></Response>"

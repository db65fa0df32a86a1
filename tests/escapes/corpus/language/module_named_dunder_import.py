# class: Python's own import, opened by a module of its name; expected: rejected at compile
# beside: __import__.py
os = __import__("os")
response = "<Response><Say>PWNED</Say></Response>"

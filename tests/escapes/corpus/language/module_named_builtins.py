# class: the shared builtins, opened by a module of their name; expected: rejected at compile
# beside: __builtins__.py
shared = __builtins__
shared["abs"] = lambda number: "PWNED"
response = "<Response><Say>PWNED</Say></Response>"

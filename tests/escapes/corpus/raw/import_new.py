# class: unguarded: importing a module from disk; expected: killed by the kernel or exception
importlib.import_module("sqlite3")
response = "<Response><Say>PWNED</Say></Response>"

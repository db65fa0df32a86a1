# class: unguarded: the environment; expected: harmless
keys = set(os.environ) - {"LC_CTYPE"}
response = "<Response><Say>PWNED</Say></Response>" if keys else ""

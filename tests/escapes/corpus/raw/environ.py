# class: unguarded: the environment; expected: harmless
keys = set(os.environ) - {"LC_CTYPE", "TZ"}  # TZ names the zone that is local to scripts
response = "<Response><Say>PWNED</Say></Response>" if keys else ""

# class: patterns that would have a matcher try again and again; expected: harmless
found = system.alarm.queryStatus(path=['*a' * 249] * 100)
response = '<Response><Say>PWNED</Say></Response>' if len(found) else ''

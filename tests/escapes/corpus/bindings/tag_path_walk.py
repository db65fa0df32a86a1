# class: a tag path that walks; expected: harmless
found = [one.value for one in system.tag.readBlocking(['../../etc/passwd', '[../..]x', '[System]' + '/..' * 50])]
response = '<Response><Say>PWNED</Say></Response>' if any(found) else ''

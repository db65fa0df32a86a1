# class: half a character in a tag path; expected: exception
found = system.tag.exists('\ud800')
response = '<Response><Say>PWNED</Say></Response>' if found else ''

# class: a user's PIN hash by getattr; expected: exception
found = getattr(system.user.getUser('', 'maria'), 'pin_hash')
response = "<Response><Say>PWNED</Say></Response>"

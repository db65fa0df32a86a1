# class: the facts behind a user; expected: exception
found = getattr(system.user.getUsers()[0], '_facts')
response = "<Response><Say>PWNED</Say></Response>"

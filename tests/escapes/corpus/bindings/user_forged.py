# class: a thing that is no user, asked whether it is on call; expected: exception
found = system.user.isUserScheduled({'username': 'maria'})
response = "<Response><Say>PWNED</Say></Response>"

# class: becoming another user; expected: exception
user.username = "maria"
response = "<Response><Say>PWNED</Say></Response>"

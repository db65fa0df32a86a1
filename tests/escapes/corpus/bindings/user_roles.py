# class: giving oneself a role; expected: exception
user.roles.append("admin")
response = "<Response><Say>PWNED</Say></Response>"

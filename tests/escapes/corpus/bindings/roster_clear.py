# class: emptying a roster; expected: harmless
system.roster.getRosters().clear()
for users in system.roster.getRosters().values():
    users.clear()
response = '<Response><Say>PWNED</Say></Response>' if not system.roster.getRosters() else ''

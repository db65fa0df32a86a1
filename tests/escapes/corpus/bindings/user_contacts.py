# class: reading the contacts of a user; expected: exception
loot = user.contacts
response = "<Response><Say>PWNED</Say></Response>"

# class: reading the PIN of a user; expected: exception
loot = user.pin
response = "<Response><Say>PWNED</Say></Response>"

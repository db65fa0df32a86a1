# class: comparing what cannot be compared; expected: exception
loot = str < int
response = "<Response><Say>PWNED</Say></Response>"

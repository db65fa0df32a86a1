# class: ** over a host object; expected: exception
loot = dict(**call)
response = "<Response><Say>PWNED</Say></Response>"

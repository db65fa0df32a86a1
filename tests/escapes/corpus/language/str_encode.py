# class: bytes by str.encode; expected: exception
loot = "abc".encode("utf-16")
response = "<Response><Say>PWNED</Say></Response>"

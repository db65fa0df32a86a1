# class: int.from_bytes and other class methods; expected: exception
loot = int.from_bytes("abc", "big")
response = "<Response><Say>PWNED</Say></Response>"

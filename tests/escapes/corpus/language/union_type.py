# class: | between types gives a real types.UnionType; expected: exception
loot = str | int
response = "<Response><Say>PWNED</Say></Response>"

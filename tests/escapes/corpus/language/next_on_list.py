# class: next on what is no iterator, and iter in disguise; expected: exception
loot = next([1])
response = "<Response><Say>PWNED</Say></Response>"

# class: the turn behind heard; expected: exception
loot = getattr(heard, "__self" + "__")
response = "<Response><Say>PWNED</Say></Response>"

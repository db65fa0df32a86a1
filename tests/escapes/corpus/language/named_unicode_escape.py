# class: \N{...} in a text that is used as an attribute; expected: exception
loot = getattr(call, "\N{LOW LINE}ask")
response = "<Response><Say>PWNED</Say></Response>"

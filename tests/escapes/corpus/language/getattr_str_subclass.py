# class: getattr with a name that is no text; expected: exception
loot = getattr(call, ["sid"])
response = "<Response><Say>PWNED</Say></Response>"

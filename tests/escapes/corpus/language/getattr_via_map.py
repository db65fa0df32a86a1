# class: getattr handed to map; expected: exception
loot = list(map(getattr, [call, call], ["sid", "_ask"]))
response = "<Response><Say>PWNED</Say></Response>"

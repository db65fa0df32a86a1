# class: translate with an object as its table; expected: exception
loot = "abc".translate(params)
response = "<Response><Say>PWNED</Say></Response>"

# class: getattr with a number as name; expected: exception
loot = getattr(call, 5, "PWNED")
response = "<Response><Say>" + loot + "</Say></Response>"

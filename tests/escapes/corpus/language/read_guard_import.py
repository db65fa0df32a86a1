# class: calling the import guard itself; expected: rejected at compile
loot = _import_("os")
response = "<Response><Say>PWNED</Say></Response>"

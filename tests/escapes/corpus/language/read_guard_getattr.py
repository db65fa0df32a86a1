# class: calling the attribute guard itself; expected: rejected at compile
loot = _getattr_(call, "_ask")
response = "<Response><Say>PWNED</Say></Response>"

# class: calling the attribute guard itself, by the name of a module; expected: rejected at compile
# beside: _getattr_.py
loot = _getattr_(call, "_ask")
response = "<Response><Say>PWNED</Say></Response>"

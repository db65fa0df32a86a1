# class: **kwargs named like a guard; expected: rejected at compile
f = lambda **_write_: _write_
response = "<Response><Say>PWNED</Say></Response>"

# class: template string of Python 3.14; expected: rejected at compile
name = "x"
loot = t"PWNED {name}"
response = "<Response><Say>PWNED</Say></Response>"

# class: type statement of Python 3.12, whose value is a hidden scope; expected: rejected at compile
type Loot = call.__class__
response = "<Response><Say>PWNED</Say></Response>"

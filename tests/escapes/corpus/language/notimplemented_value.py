# class: NotImplemented and Ellipsis as values; expected: exception
x = ...
loot = NotImplemented
response = "<Response><Say>PWNED</Say></Response>"

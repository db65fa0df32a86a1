# class: the value of a chained assignment, read by the name of a module; expected: rejected at compile
# beside: _held_.py
a, b = c = [1, 2]
response = "<Response><Say>PWNED " + str(_held_) + "</Say></Response>"

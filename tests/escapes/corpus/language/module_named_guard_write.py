# class: a guard's own method read by the name of a module; expected: rejected at compile
# beside: _write_.py _import_.py
guards = [_write_, _import_]
response = "<Response><Say>PWNED " + str(guards) + "</Say></Response>"

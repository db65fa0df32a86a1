# class: unguarded: writing a file; expected: exception
open("/tmp/tocsin-was-here", "w").write("x")
response = "<Response><Say>PWNED</Say></Response>"

# class: unguarded: reading a file; expected: exception
open("/etc/passwd").read()
response = "<Response><Say>PWNED</Say></Response>"

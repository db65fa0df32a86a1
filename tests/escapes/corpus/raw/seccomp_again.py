# class: unguarded: another filter; expected: killed by the kernel or exception
checked(libc.prctl(22, 2, 0, 0, 0))
response = "<Response><Say>PWNED</Say></Response>"

# class: unguarded: being readable again; expected: killed by the kernel or exception
checked(libc.prctl(4, 1, 0, 0, 0))
response = "<Response><Say>PWNED</Say></Response>"

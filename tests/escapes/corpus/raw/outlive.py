# class: unguarded: outliving the gateway; expected: killed by the kernel or exception
checked(libc.prctl(1, 0, 0, 0, 0))
response = "<Response><Say>PWNED</Say></Response>"

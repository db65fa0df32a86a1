# class: unguarded: memory that cannot be swapped; expected: killed by the kernel or exception
checked(libc.mlockall(3))
response = "<Response><Say>PWNED</Say></Response>"

# class: unguarded: clone3 by its number; expected: killed by the kernel or exception
checked(libc.syscall(435, 0, 0))
response = "<Response><Say>PWNED</Say></Response>"

# class: unguarded: the kernel's key ring; expected: killed by the kernel or exception
checked(libc.syscall(250, 0, -3, 0))
response = "<Response><Say>PWNED</Say></Response>"

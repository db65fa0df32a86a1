# class: unguarded: a program for the kernel; expected: killed by the kernel or exception
checked(libc.syscall(321, 5, 0, 0))
response = "<Response><Say>PWNED</Say></Response>"

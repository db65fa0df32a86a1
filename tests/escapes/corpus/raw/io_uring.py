# class: unguarded: io_uring; expected: killed by the kernel or exception
checked(libc.syscall(425, 8, 0))
response = "<Response><Say>PWNED</Say></Response>"

# class: unguarded: becoming another program by a descriptor; expected: killed by the kernel or exception
checked(libc.syscall(322, 3, b"", 0, 0, 0x1000))
response = "<Response><Say>PWNED</Say></Response>"

# class: unguarded: memory shared with others; expected: killed by the kernel or exception
checked(libc.shmget(0x1234, 4096, 0o1666))
response = "<Response><Say>PWNED</Say></Response>"

# class: unguarded: vfork by its number; expected: killed by the kernel or exception
checked(libc.syscall(58))
response = "<Response><Say>PWNED</Say></Response>"

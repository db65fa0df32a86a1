# class: unguarded: userfaultfd; expected: killed by the kernel or exception
checked(libc.syscall(323, 0))
response = "<Response><Say>PWNED</Say></Response>"

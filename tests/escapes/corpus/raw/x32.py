# class: unguarded: system calls by their other numbers; expected: killed by the kernel or exception
checked(libc.syscall(0x40000000 + 2, b"/etc/passwd", 0))
response = "<Response><Say>PWNED</Say></Response>"

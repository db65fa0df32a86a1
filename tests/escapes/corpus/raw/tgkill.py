# class: unguarded: a signal to a thread of the gateway; expected: killed by the kernel or exception
checked(libc.syscall(234, os.getppid(), os.getppid(), 9))
response = "<Response><Say>PWNED</Say></Response>"

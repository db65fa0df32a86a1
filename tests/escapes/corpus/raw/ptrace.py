# class: unguarded: tracing the gateway; expected: killed by the kernel or exception
checked(libc.ptrace(16, os.getppid(), 0, 0))
response = "<Response><Say>PWNED</Say></Response>"

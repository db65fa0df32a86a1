# class: unguarded: performance counters; expected: killed by the kernel or exception
checked(libc.syscall(298, 0, 0, -1, -1, 0))
response = "<Response><Say>PWNED</Say></Response>"

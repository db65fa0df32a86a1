# class: unguarded: another process's namespace; expected: killed by the kernel or exception
checked(libc.setns(3, 0))
response = "<Response><Say>PWNED</Say></Response>"

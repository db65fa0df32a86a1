# class: unguarded: a user namespace; expected: killed by the kernel or exception
checked(libc.unshare(0x10000000))
response = "<Response><Say>PWNED</Say></Response>"

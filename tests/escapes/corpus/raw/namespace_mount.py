# class: unguarded: a mount namespace; expected: killed by the kernel or exception
checked(libc.unshare(0x00020000))
response = "<Response><Say>PWNED</Say></Response>"

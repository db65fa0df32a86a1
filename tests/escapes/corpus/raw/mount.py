# class: unguarded: mounting; expected: killed by the kernel or exception
checked(libc.mount(b"none", b"/tmp", b"tmpfs", 0, None))
response = "<Response><Say>PWNED</Say></Response>"

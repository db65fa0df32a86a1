# class: unguarded: the gateway's limits; expected: killed by the kernel or exception
checked(libc.prlimit(os.getppid(), 7, ctypes.byref((ctypes.c_ulong * 2)(1, 1)), None))
response = "<Response><Say>PWNED</Say></Response>"

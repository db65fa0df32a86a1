# class: unguarded: making memory executable; expected: killed by the kernel or exception
m = mmap.mmap(-1, 4096)
checked(libc.mprotect(ctypes.c_void_p(ctypes.addressof(ctypes.c_char.from_buffer(m))), 4096, 7))
response = "<Response><Say>PWNED</Say></Response>"

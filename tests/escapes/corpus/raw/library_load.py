# class: unguarded: loading a library; expected: killed by the kernel or exception
ctypes.CDLL("libutil.so.1")
response = "<Response><Say>PWNED</Say></Response>"

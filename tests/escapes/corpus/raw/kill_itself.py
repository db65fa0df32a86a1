# class: unguarded: killing itself; expected: killed by the kernel
os.abort()

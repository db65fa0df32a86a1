# class: unguarded: executable memory; expected: killed by the kernel or exception
mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
response = "<Response><Say>PWNED</Say></Response>"

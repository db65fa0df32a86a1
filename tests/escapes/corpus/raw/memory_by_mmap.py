# class: unguarded: memory from the kernel until there is none; expected: exception or killed by memory
kept = []
while True:
    kept.append(mmap.mmap(-1, 1 << 20))

# class: unguarded: waiting on the gateway's socket for ever; expected: killed by cpu or killed by the kernel or exception
while True:
    os.read(3, 1 << 16)

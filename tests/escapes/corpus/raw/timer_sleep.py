# class: unguarded: sleeping for ever; expected: killed by cpu or killed by the kernel or exception
while True:
    time.sleep(1000)

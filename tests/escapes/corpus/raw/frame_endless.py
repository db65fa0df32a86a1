# class: unguarded: a message that never ends; expected: protocol or killed by cpu
while True:
    os.write(3, b"\x01" + b"x" * 60000)

# class: unguarded: a packet of no known kind; expected: protocol
os.write(3, b"\x07" + b"x" * 100)
while True: pass

# class: unguarded: a packet larger than any; expected: protocol or exception or killed by cpu
os.write(3, b"\0" + b"x" * 150000)
while True: pass

# class: unguarded: reading through a descriptor left open; expected: exception
for fd in range(4, 64):
    try:
        found = os.read(fd, 10)
    except OSError:
        continue
    break
else:
    raise OSError("nothing is open")
response = "<Response><Say>PWNED</Say></Response>"

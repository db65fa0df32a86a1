# class: unguarded: changing the link's options; expected: killed by the kernel or exception
socket.socket(fileno=os.dup(3), family=1, type=5, proto=0).setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 24)
response = "<Response><Say>PWNED</Say></Response>"

# class: unguarded: sending a descriptor to the gateway; expected: killed by the kernel or exception
s = socket.socket(fileno=3, family=1, type=5, proto=0)
socket.send_fds(s, [b"x"], [3])
response = "<Response><Say>PWNED</Say></Response>"

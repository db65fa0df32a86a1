# class: unguarded: receiving a descriptor from the gateway; expected: killed by the kernel or exception
s = socket.socket(fileno=3, family=1, type=5, proto=0)
socket.recv_fds(s, 10, 10)
response = "<Response><Say>PWNED</Say></Response>"

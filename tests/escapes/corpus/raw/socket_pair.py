# class: unguarded: a pair of sockets; expected: killed by the kernel or exception
socket.socketpair()
response = "<Response><Say>PWNED</Say></Response>"

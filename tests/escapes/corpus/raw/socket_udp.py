# class: unguarded: a datagram to the network; expected: killed by the kernel or exception
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"PWNED", ("127.0.0.1", 53))
response = "<Response><Say>PWNED</Say></Response>"

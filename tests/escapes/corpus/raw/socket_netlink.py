# class: unguarded: talking to the kernel; expected: killed by the kernel or exception
socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)
response = "<Response><Say>PWNED</Say></Response>"

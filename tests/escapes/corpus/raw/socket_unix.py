# class: unguarded: a socket of the machine; expected: killed by the kernel or exception
socket.socket(socket.AF_UNIX).connect("/var/run/docker.sock")
response = "<Response><Say>PWNED</Say></Response>"

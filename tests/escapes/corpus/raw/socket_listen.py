# class: unguarded: listening; expected: killed by the kernel or exception
s = socket.socket()
s.bind(("0.0.0.0", 0))
s.listen()
response = "<Response><Say>PWNED</Say></Response>"

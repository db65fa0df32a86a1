# class: unguarded: a connection to the network; expected: killed by the kernel or exception
socket.create_connection(("127.0.0.1", 80), 1)
response = "<Response><Say>PWNED</Say></Response>"

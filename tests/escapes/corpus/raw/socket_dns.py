# class: unguarded: asking for a name; expected: killed by the kernel or exception
socket.getaddrinfo("evil.example.com", 80)
response = "<Response><Say>PWNED</Say></Response>"

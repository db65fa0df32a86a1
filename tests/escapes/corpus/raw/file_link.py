# class: unguarded: making a link; expected: killed by the kernel or exception
os.symlink("/etc/passwd", "/tmp/tocsin-link")
response = "<Response><Say>PWNED</Say></Response>"

# class: unguarded: becoming another program; expected: killed by the kernel or exception
os.execv("/bin/sh", ["sh", "-c", "touch /tmp/tocsin-was-here"])
response = "<Response><Say>PWNED</Say></Response>"

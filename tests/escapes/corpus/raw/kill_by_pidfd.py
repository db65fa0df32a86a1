# class: unguarded: a handle on the gateway; expected: killed by the kernel or exception
os.pidfd_open(os.getppid())
response = "<Response><Say>PWNED</Say></Response>"

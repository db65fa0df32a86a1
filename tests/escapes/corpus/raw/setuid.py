# class: unguarded: another user; expected: killed by the kernel or exception
os.setuid(0)
response = "<Response><Say>PWNED</Say></Response>"

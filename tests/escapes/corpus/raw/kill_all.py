# class: unguarded: killing everything; expected: killed by the kernel or exception
os.kill(-1, 9)
response = "<Response><Say>PWNED</Say></Response>"

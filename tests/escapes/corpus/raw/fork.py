# class: unguarded: forking; expected: killed by the kernel or exception
os.fork()
response = "<Response><Say>PWNED</Say></Response>"

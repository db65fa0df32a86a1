# class: unguarded: a file in memory; expected: killed by the kernel or exception
os.memfd_create("x")
response = "<Response><Say>PWNED</Say></Response>"

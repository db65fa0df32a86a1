# class: unguarded: looking for a file; expected: killed by the kernel or exception
os.stat("/etc/passwd")
response = "<Response><Say>PWNED</Say></Response>"

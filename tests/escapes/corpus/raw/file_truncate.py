# class: unguarded: cutting a file off; expected: killed by the kernel or exception
os.truncate("/etc/hostname", 0)
response = "<Response><Say>PWNED</Say></Response>"

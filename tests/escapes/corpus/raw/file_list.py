# class: unguarded: listing a folder; expected: killed by the kernel or exception
os.listdir("/")
response = "<Response><Say>PWNED</Say></Response>"

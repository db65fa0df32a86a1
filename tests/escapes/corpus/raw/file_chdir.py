# class: unguarded: going to another folder; expected: killed by the kernel or exception
os.chdir("/tmp")
response = "<Response><Say>PWNED</Say></Response>"

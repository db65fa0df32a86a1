# class: unguarded: killing the process group; expected: killed by the kernel or exception
os.killpg(0, 9)
response = "<Response><Say>PWNED</Say></Response>"

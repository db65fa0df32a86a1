# class: unguarded: killing the zygote; expected: killed by the kernel or exception
os.kill(os.getppid(), 9)
response = "<Response><Say>PWNED</Say></Response>"

# class: unguarded: the environment of the gateway by /proc; expected: killed by the kernel or exception
open(f"/proc/{os.getppid()}/environ").read()
response = "<Response><Say>PWNED</Say></Response>"

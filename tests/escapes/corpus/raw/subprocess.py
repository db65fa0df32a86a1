# class: unguarded: starting another program; expected: killed by the kernel or exception
subprocess.run(["/bin/true"])
response = "<Response><Say>PWNED</Say></Response>"

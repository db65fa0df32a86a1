# class: unguarded: a better priority; expected: killed by the kernel or exception
os.setpriority(os.PRIO_PROCESS, 0, -10)
response = "<Response><Say>PWNED</Say></Response>"

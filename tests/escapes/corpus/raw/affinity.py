# class: unguarded: another processor; expected: killed by the kernel or exception
os.sched_setaffinity(os.getppid(), {0})
response = "<Response><Say>PWNED</Say></Response>"

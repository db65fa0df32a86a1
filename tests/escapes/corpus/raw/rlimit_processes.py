# class: unguarded: raising the number of processes; expected: killed by the kernel or exception
resource.setrlimit(resource.RLIMIT_NPROC, (1000, 1000))
response = "<Response><Say>PWNED</Say></Response>"

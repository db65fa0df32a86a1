# class: unguarded: raising the memory limit; expected: killed by the kernel or exception
resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
response = "<Response><Say>PWNED</Say></Response>"

# class: unguarded: the memory of the gateway by /proc; expected: killed by the kernel or exception
open("/proc/1/mem", "rb")
response = "<Response><Say>PWNED</Say></Response>"

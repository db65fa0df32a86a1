# class: unguarded: setting the clock; expected: killed by the kernel or exception
time.clock_settime(time.CLOCK_REALTIME, 0)
response = "<Response><Say>PWNED</Say></Response>"

# class: unguarded: a hundred megabytes; expected: killed by memory or exception
x = bytearray(100 << 20)
response = "<Response><Say>PWNED</Say></Response>"

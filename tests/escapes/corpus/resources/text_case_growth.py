# class: text that grows when its case changes; expected: killed by memory or exception or killed by cpu
x = "ΐ" * 1000000
while True:
    x = x.upper() + x

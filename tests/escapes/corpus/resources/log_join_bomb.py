# class: print with a separator of megabytes; expected: killed by memory
print(*range(100000), sep="x" * 1000000)

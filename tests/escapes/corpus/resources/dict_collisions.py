# class: keys whose hashes collide; expected: killed by cpu
m = (1 << 61) - 1
d = {}
n = 0
while True:
    n += 1
    d[n * m] = 1

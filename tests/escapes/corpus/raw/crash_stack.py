# class: unguarded: using up the machine's stack; expected: killed by the kernel or killed by memory
sys.setrecursionlimit(10 ** 8)
x = ()
for n in range(500000):
    x = (x,)
hash(x)

# class: recursion through map and list; expected: exception or killed by the kernel
def f(x):
    return list(map(f, [1]))
f(1)

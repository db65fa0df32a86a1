# class: recursion through C functions, which take from the machine's stack; expected: exception or killed by the kernel
def f(x):
    return sorted([1, 2], key=f)
f(1)

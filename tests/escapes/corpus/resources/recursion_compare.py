# class: comparing lists nested a hundred thousand deep; expected: exception or killed by the kernel
def nest():
    x = []
    for n in range(100000):
        x = [x]
    return x
response = str(nest() == nest())

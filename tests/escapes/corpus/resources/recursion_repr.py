# class: repr of a list nested a hundred thousand deep; expected: exception or killed by the kernel
x = []
for n in range(100000):
    x = [x]
response = repr(x)

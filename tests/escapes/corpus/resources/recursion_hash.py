# class: hash of a tuple nested a hundred thousand deep; expected: killed by the kernel or exception
x = ()
for n in range(100000):
    x = (x,)
response = str({x: 1})

# class: log flood, then an exception: the place must not drown; expected: exception
for n in range(1000):
    print("x" * 1000)
raise ValueError("at the end")

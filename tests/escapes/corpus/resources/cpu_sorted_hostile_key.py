# class: sorting with a key that loops; expected: killed by cpu
def key(x):
    while True:
        pass
sorted([1, 2], key=key)

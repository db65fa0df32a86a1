# class: spinning at the deepest possible frame, where no handler has room; expected: killed by cpu
def f():
    try:
        f()
    except RecursionError:
        while True:
            pass
f()

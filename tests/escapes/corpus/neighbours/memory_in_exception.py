# class: memory held by the traceback of a caught exception; expected: exception
def f():
    big = "x" * 1000000
    more = [big + str(n) for n in range(40)]
    raise ValueError("held")
f()

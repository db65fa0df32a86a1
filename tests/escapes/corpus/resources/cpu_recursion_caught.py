# class: recursion error caught and tried again, for ever; expected: killed by cpu
def f():
    try:
        f()
    except RecursionError:
        f()
f()

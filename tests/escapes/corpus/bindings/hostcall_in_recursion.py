# class: a host call at the edge of the recursion limit; expected: harmless or exception or killed by cpu
def f():
    try:
        f()
    except RecursionError:
        system.twilio.getUser(1)
f()
response = ""

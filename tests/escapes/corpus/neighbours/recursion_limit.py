# class: recursion limit after a deep recursion; expected: harmless
def f(n):
    return 0 if n == 0 else 1 + f(n - 1)
try:
    f(100000)
except RecursionError:
    pass
response = ""

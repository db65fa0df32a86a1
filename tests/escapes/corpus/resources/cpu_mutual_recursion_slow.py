# class: recursion that branches: two to the power of depth; expected: killed by cpu
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)
response = str(fib(80))

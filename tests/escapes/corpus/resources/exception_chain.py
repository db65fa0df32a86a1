# class: exceptions chained without end; expected: killed by cpu or killed by memory
def f(error):
    while True:
        try:
            raise ValueError("x" * 1000) from error
        except ValueError as next_error:
            error = next_error
f(None)

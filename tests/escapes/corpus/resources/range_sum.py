# class: sum over a range that is too long; expected: exception
sum(range(10 ** 10))

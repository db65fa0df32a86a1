# class: membership in a range of floats, by trying all; expected: exception
response = str(0.5 in range(10 ** 9))

# class: center as a bomb; expected: exception
response = "x".center(10 ** 10)

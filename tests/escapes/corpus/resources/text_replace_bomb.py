# class: replace as a bomb; expected: exception
x = "a" * 1000000
response = x.replace("a", "b" * 1000)

# class: replace of nothing as a bomb; expected: exception
response = ("a" * 1000000).replace("", "b" * 100)

# class: join as a bomb; expected: exception
response = ("x" * 100000).join(["y"] * 100000)

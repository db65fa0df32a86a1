# class: constants that the compiler multiplies by itself; expected: exception
x = "a" * 4096 * 4096
y = (1,) * 255 * 255 * 255
z = 2 ** 128 ** 2
response = ""

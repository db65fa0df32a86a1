# class: three-argument power with huge operands; expected: exception
response = str(pow(3, 1 << 60000, (1 << 60000) - 1))

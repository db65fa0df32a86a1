# class: quadratic writing of digits through a format; expected: exception
response = f"{1 << 60000}"

# class: negative exponent of a huge number; expected: exception
x = (1 << 60000) ** -1

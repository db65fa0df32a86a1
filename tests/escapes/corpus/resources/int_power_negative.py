# class: negative exponent of a huge number; expected: exception or harmless
x = (1 << 60000) ** -1

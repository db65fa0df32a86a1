# class: reading a long number in base 2; expected: exception
int("1" * 1000000, 2)

# class: quadratic reading and writing of digits; expected: exception
int("9" * 20000)

# class: infinity as a whole number; expected: exception
response = str(int(float("inf")))

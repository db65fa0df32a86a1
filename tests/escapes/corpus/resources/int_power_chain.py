# class: power through the operator in place; expected: exception
x = 3
while True:
    x **= 3

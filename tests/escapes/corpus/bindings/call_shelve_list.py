# class: shelving for a list that holds itself; expected: exception
x = []
x.append(x)
call.shelve(x)

# class: shelving for ever; expected: exception
call.shelve(float("inf"))

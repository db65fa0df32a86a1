# class: shelving for a text; expected: exception
call.shelve("15")

# class: shelving for NaN minutes; expected: exception
call.shelve(float("nan"))

# class: shelving for a number of thousands of bits; expected: exception
call.shelve(1 << 60000)

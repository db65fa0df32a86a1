# class: shelving into the past; expected: exception
call.shelve(-1)

# class: URL with a value named like a parameter of the method; expected: exception
call.url("x", self=1, action=2)

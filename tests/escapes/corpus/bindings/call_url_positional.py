# class: URL with positional values; expected: exception
call.url("x", "y")

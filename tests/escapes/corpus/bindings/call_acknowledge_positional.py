# class: positional arguments beyond those there are; expected: exception
call.acknowledge("1", None, "", "PWNED")

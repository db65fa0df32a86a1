# class: identifying with a list of PINs; expected: exception
call.identify(["8264", "4711"])

# class: builtin called with too few arguments tells nothing of its inside; expected: exception
all()

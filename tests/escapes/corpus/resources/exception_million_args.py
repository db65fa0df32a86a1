# class: exception with a hundred thousand arguments; expected: exception
raise ValueError(*range(100000))

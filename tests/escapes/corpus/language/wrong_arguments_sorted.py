# class: builtin called with too many arguments tells nothing of its inside; expected: exception
sorted([1], len)

# class: a key that is no text; expected: output
session[(1, 2)] = 1

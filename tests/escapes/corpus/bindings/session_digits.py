# class: a number of too many digits to be written; expected: output
session["x"] = 1 << 60000

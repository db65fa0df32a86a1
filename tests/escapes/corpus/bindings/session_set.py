# class: a set in the session; expected: output
session["x"] = {1, 2}

# class: infinity in the session; expected: output
session["x"] = [1e308 * 10]

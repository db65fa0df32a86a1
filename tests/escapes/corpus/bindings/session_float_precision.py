# class: numbers at the edge of what JSON takes, read by the next turn; expected: harmless
# turn: answer
# turn: answer
session["x"] = [1.7976931348623157e308, 5e-324, -0.0, 2 ** 63 - 1, -(2 ** 63)]
response = ""

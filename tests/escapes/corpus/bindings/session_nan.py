# class: NaN in the session; expected: output
session["x"] = float("nan")

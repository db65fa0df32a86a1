# class: a mapping that is no dictionary in the session; expected: output
session["p"] = params

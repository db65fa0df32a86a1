# class: keys that become the same text; expected: harmless
# turn: answer
# turn: answer
session[1] = "a"
session["1"] = "b"
session[True] = "c"
session[None] = "d"
response = ""

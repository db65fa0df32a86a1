# class: NUL and control characters in the session, read by the next turn; expected: harmless
# turn: answer
# turn: answer
session["a\0b"] = "\0\x01\x1b[2J\u2028\u202e"
response = ""

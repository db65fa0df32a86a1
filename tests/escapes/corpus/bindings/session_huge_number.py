# class: a number beyond 64 bits in the session, read by the next turn; expected: output
# turn: answer
# turn: answer
session["x"] = 1 << 100

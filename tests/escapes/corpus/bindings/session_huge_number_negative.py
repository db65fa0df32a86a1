# class: a number far beyond 64 bits in the session, read by the next turn; expected: output
# turn: answer
# turn: answer
session["x"] = [-(1 << 70), 1 << 64, (1 << 63), -(1 << 63) - 1]

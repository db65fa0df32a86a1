# class: half a character in the session, read by the next turn; expected: output
# turn: answer
# turn: answer
session["x"] = "\ud800"

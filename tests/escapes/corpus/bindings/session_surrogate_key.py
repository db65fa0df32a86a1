# class: half a character as a key of the session, read by the next turn; expected: output
# turn: answer
# turn: answer
session["\udfff"] = 1

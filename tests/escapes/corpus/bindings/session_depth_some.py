# class: a session nested nine hundred deep, read by the next turn; expected: output or harmless
# turn: answer
# turn: answer
x = []
for n in range(900):
    x = [x]
session["x"] = x

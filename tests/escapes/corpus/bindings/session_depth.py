# class: a session nested thousands deep, read by the next turn; expected: output or exception
# turn: answer
# turn: answer
x = []
for n in range(3900):
    x = [x]
session["x"] = x

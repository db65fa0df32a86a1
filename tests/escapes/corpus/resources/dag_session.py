# class: session that holds itself twice, fifty levels deep; expected: killed by cpu or killed by memory
x = ["x"]
for n in range(50):
    x = [x, x]
session["x"] = x

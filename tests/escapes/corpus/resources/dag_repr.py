# class: text of a structure that holds itself twice, fifty levels deep; expected: killed by cpu or killed by memory
x = ["x"]
for n in range(50):
    x = [x, x]
response = repr(x)

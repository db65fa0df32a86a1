# class: exception whose text is a structure of exponential size; expected: exception or killed by cpu or killed by memory
x = ["x"]
for n in range(50):
    x = [x, x]
raise ValueError(x)

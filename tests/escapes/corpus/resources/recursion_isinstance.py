# class: isinstance with types nested deep; expected: exception
x = str
for n in range(10000):
    x = (x,)
response = str(isinstance(1, x))

# class: freeing a list nested half a million deep; expected: harmless
x = []
for m in range(5):
    for n in range(100000):
        x = [x]
x = None
response = ""

# class: comparing structures that hold themselves twice; expected: killed by cpu
def dag():
    x = ["x"]
    for n in range(50):
        x = [x, x]
    return x
response = str(dag() == dag())

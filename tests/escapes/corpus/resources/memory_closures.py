# class: closures that keep each other alive; expected: killed by memory or killed by cpu
def make(before):
    text = "x" * 10000 + str(before is None)
    return lambda: (before, text)
f = None
while True:
    f = make(f)

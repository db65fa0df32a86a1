# class: quadratic inserts at the front; expected: killed by cpu or killed by memory
x = []
while True:
    x.insert(0, 1)

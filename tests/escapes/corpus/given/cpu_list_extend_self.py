# class: list growing while iterated; expected: killed by cpu or killed by memory
x = [1]
for i in x:
    x.append(i)

# class: log flood of many short lines; expected: killed by cpu
while True:
    print()

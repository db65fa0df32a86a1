# class: loggers without end; expected: killed by cpu or killed by memory
kept = []
while True:
    kept.append(system.util.getLogger("x" + str(len(kept))))

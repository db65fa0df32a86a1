# class: MemoryError caught and tried again; expected: killed by memory or killed by cpu
kept = []
while True:
    try:
        kept.append("x" * 1000000 + str(len(kept)))
    except MemoryError:
        pass

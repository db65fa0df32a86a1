# class: log flood; expected: killed by cpu
while True:
    system.util.getLogger("x").info("x" * 1000)

# class: MemoryError caught, and the script ends as if nothing had been; expected: harmless or killed by memory
kept = []
try:
    while True:
        kept.append("x" * 1000000 + str(len(kept)))
except MemoryError:
    kept = None
response = ""

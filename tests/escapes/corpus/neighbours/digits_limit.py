# class: limit of digits after numbers that were too long; expected: harmless
for n in range(10):
    try:
        str(1 << 60000)
    except ValueError:
        pass
response = ""

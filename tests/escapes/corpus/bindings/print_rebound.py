# class: print rebound for the next call; expected: harmless
print = lambda *args: "PWNED"
print("x")
response = ""

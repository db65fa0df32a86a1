# class: print to a file object; expected: harmless
print("PWNED", file=call, flush=True, end="\n", sep=None)
response = ""

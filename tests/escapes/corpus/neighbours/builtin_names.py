# class: builtins bound anew for all; expected: harmless
len = str = int = sorted = max = isinstance = print = repr = lambda *args, **kw: "PWNED"
response = ""

# class: annotation as a place where code runs unseen; expected: harmless
def f(x: print("PWNED in an annotation") = 1) -> print("PWNED"):
    return x
y: print("PWNED") = f()
response = ""

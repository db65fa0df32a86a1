# class: PIN in the script log, as it was typed and digit by digit; expected: harmless
# turn: pin Digits=8264
print(Digits)
print("-".join(Digits), ", ".join(Digits), " . ".join(Digits))
system.util.getLogger(Digits).info(list(Digits))
response = ""

# class: PIN with the hash key at its end; expected: harmless
# turn: pin Digits=8264#
print(Digits, Digits.strip("#"))
session["d"] = Digits.strip("#")
response = ""

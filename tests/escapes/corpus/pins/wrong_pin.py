# class: a wrong PIN is as secret as a right one; expected: harmless
# turn: pin Digits=8264
print(call.identify(Digits + "1").reason, Digits + "1")
response = ""

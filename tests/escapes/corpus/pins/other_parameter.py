# class: PIN in another parameter of the same webhook; expected: harmless
# turn: pin Digits=8264 Memo=8264 "Note=my PIN is 8264"
print(params["Memo"], params["Note"])
response = ""

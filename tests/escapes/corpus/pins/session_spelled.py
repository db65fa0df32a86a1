# class: PIN in the session digit by digit; expected: harmless
# turn: pin Digits=8264
# turn: menu
session["spelled"] = " ".join(Digits)
response = ""

# class: PIN in the session as a number, which must stay JSON; expected: harmless
# turn: pin Digits=8264
# turn: menu
# turn: menu
if Digits:
    session["pin"] = int(Digits)
    session["float"] = float(Digits)
    session["list"] = [8264, -8264, 8264.5, 0.8264]
response = ""

# class: PIN as a key of the session; expected: harmless
# turn: pin Digits=8264
# turn: menu
if Digits:
    session[Digits] = 1
    session[int(Digits)] = 2
response = ""

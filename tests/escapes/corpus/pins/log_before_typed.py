# class: PIN in a log line of the turn before it is known as one; expected: harmless
# turn: pin Digits=8264
# turn: menu Digits=1
if callAction == "pin":
    session["kept"] = Digits
else:
    print(session["kept"])
response = ""

# class: PIN in the session as a text; expected: harmless
# turn: pin Digits=8264
# turn: menu
session["pin"] = session.get("pin", Digits)

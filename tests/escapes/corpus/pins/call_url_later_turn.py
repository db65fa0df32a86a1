# class: PIN of an earlier turn in call.url; expected: harmless
# turn: pin Digits=8264
# turn: menu
if callAction == "menu":
    call.url("ack", p=session["p"])
session["p"] = Digits
response = "<Response/>"

# class: PIN that a script of another step gives to acknowledge; expected: harmless
# turn: menu Digits=8264
call.acknowledge(pin=Digits)
print(Digits)
session["d"] = Digits
response = ""

# class: a one-digit PIN must not keep the default from writing URLs; expected: harmless
# turn: pin Digits=8#
# turn: answer
call.identify("1")
call.identify("e")
response = ""

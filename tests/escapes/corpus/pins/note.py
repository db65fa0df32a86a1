# class: PIN in the note of an acknowledgement; expected: harmless
# turn: pin Digits=8264
call.identify(Digits)
call.acknowledge(note="PIN " + Digits)
response = ""

# class: PIN as a number in call.url; expected: exception
# turn: pin Digits=8264
call.url("ack", p=int(Digits))

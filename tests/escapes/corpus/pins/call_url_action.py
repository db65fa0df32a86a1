# class: PIN as an action; expected: exception
# turn: pin Digits=8264
call.url("ack" + Digits)

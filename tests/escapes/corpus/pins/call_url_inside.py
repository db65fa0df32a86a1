# class: PIN within a longer value in call.url; expected: exception
# turn: pin Digits=8264
call.url("ack", p="x" + Digits + "y")

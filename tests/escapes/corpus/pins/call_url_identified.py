# class: PIN that was only given to identify, in call.url; expected: exception
# turn: answer
call.identify("8264")
call.url("ack", p="8264")

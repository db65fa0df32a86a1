# class: PIN in the message of a refused host call; expected: exception
# turn: pin Digits=8264
call.shelve(Digits)

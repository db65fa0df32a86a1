# class: PIN in the message of a library; expected: exception
# turn: pin Digits=8264
int("x" + " " + Digits)

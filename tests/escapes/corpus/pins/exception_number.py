# class: PIN as a number in the text of an exception; expected: exception
# turn: pin Digits=8264
raise ValueError(int(Digits))

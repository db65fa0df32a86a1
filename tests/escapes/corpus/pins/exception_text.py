# class: PIN in the text of an exception; expected: exception
# turn: pin Digits=8264
raise ValueError("wrong PIN " + Digits)

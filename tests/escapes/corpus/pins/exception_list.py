# class: PIN in a list in the text of an exception; expected: exception
# turn: pin Digits=8264
raise ValueError(list(Digits), Digits, {Digits: 1})

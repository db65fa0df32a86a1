# class: PIN as the key that was not found; expected: exception
# turn: pin Digits=8264
{}[Digits]

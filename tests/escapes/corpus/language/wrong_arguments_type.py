# class: a type's method called wrongly tells nothing of its inside; expected: exception
dict.update()

# class: PIN in the very line of the script that fails; expected: exception
# turn: pin Digits=8264
raise ValueError("8264") if call.identify("8264") else KeyError("8264")

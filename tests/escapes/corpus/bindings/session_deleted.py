# class: a session emptied with dict's own methods; expected: harmless
# turn: answer
# turn: answer
session["x"] = 1
session.clear()
session.popitem() if session else None
response = ""

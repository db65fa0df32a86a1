# class: a session that holds itself; expected: output
session["x"] = session

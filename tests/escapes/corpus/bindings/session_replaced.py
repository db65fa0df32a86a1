# class: the session as a name bound anew is not kept; expected: harmless
# turn: answer
# turn: answer
if session.get("x"):
    response = "<Response><Say>PWNED</Say></Response>"
session = {"x": "PWNED"}

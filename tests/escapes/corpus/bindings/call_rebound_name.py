# class: call as a name is the script's own; the next script has the real one; expected: harmless
call = {"acknowledge": lambda **kw: "PWNED"}
alarms = []
session = {"PWNED": 1}
params = {}
response = ""

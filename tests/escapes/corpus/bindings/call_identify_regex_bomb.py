# class: a PIN that makes a slow pattern of its marks; expected: harmless
# turn: answer
# turn: answer
call.identify("1" + "." * 62 + "2")
call.identify("1" + " ," * 30 + "2")
print("1" + "." * 5000)
print("1" + " " * 5000 + ",")
response = "<Response><Say>1" + "." * 5000 + "</Say></Response>"

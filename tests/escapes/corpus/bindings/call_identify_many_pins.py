# class: thousands of PINs, to make every later record slow; expected: host-calls or harmless
# turn: answer
# turn: answer
# turn: answer
for n in range(31):
    call.identify(str(session.get("n", 1000)) + "." * 50)
    session["n"] = session.get("n", 1000) + 1
print("1234" * 3000)
response = ""

# class: a parameter named like a binding; expected: harmless
# turn: answer call=PWNED system=PWNED response=PWNED params=PWNED session=PWNED len=PWNED print=PWNED callAction=PWNED
found = [str(x) for x in (call, system, response, session, len, print, callAction)]
response = "<Response><Say>PWNED</Say></Response>" if "PWNED" in "".join(found) else ""

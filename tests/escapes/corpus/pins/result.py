# class: what a result tells of a PIN; expected: harmless
# turn: pin Digits=8264
result = call.identify(Digits)
text = str(result) + repr(result) + f"{result}{result.reason}{result.by}{result.at}"
response = "<Response><Say>PWNED</Say></Response>" if "8264" in text else ""

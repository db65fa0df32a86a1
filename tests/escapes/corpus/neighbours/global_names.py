# class: names left for the next call; expected: harmless
# turn: answer
# turn: answer
if "stolen" in session:
    try:
        response = "<Response><Say>PWNED" + leak + "</Say></Response>"
    except NameError:
        response = ""
session["stolen"] = 1
leak = loot = stolen = evil = f = g = x = "PWNED"

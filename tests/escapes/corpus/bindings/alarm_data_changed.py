# class: changing an alarm's data changes nobody else's; expected: exception
# turn: answer
# turn: answer
if "PWNED" in str(alarms[0].data):
    response = "<Response><Say>PWNED</Say></Response>"
alarms[0].data["x"] = "PWNED"
alarms[0].data["f"] = lambda: 1

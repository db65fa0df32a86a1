# class: alarms are made anew for each turn; expected: exception
# turn: answer
# turn: answer
if alarms[0].data.get("x"):
    response = "<Response><Say>PWNED</Say></Response>"
alarms[0].data["x"] = "PWNED"

# class: the class of a result; expected: exception
result = call.identify("0000")
loot = getattr(result, "__cla" + "ss__")({"reason": "ok"})
response = "<Response><Say>PWNED</Say></Response>"

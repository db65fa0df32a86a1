# class: the way to the gateway by a name made at run time; expected: exception
ask = getattr(call, "_" + "ask")
response = "<Response><Say>PWNED</Say></Response>"

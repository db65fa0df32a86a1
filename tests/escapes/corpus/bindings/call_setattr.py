# class: setattr on a host object; expected: exception
setattr(call, "pin", "none")
response = "<Response><Say>PWNED</Say></Response>"

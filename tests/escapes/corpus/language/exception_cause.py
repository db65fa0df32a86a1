# class: raise from and the way back to it; expected: exception
try:
    raise ValueError("a") from KeyError(call)
except ValueError as error:
    loot = getattr(error, "__cause__")
    response = "<Response><Say>PWNED</Say></Response>"

# class: args of an exception as a list of real objects; expected: harmless
try:
    raise ValueError(call, params, len)
except ValueError as error:
    kinds = [isinstance(each, str) for each in error.args]
response = "" if all(kinds) else "<Response><Say>PWNED</Say></Response>"

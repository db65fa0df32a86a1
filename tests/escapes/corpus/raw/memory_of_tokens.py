# class: unguarded: tokens and PINs in the worker's own memory; expected: harmless or killed by cpu
found = []
needle = "0123456789abcdef" * 2
for each in gc.get_objects():
    if isinstance(each, dict):
        for value in list(each.values()):
            if isinstance(value, str) and value != needle and needle in value:
                found.append(value)
response = "<Response><Say>PWNED</Say></Response>" if found else ""

# class: f-string width that comes from a value; expected: exception
n = 10 ** 9
response = f"<Response><Say>PWNED {1:{n}}</Say></Response>"

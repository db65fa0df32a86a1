# class: small numbers changed for all; expected: harmless
x = 5
x += 1
y = 256
y <<= 1
response = "" if 5 + 1 == 6 else "<Response><Say>PWNED</Say></Response>"

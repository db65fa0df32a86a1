# class: in-place %-format with a wide field; expected: exception
x = "%999999999s"
x %= "y"
response = "<Response><Say>PWNED</Say></Response>"

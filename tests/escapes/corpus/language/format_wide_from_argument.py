# class: format width that comes as an argument; expected: exception
response = "<Response><Say>PWNED " + "{:{}}".format(1, 10 ** 9) + "</Say></Response>"

# class: str.format walks attributes; expected: exception
response = "<Response><Say>PWNED " + "{0._ask}".format(call) + "</Say></Response>"

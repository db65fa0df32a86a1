# class: format width beyond reason; expected: exception
response = "<Response><Say>PWNED " + "{:>999999999}".format("x") + "</Say></Response>"

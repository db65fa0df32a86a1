# class: width of %-format from an argument; expected: exception
response = "<Response><Say>PWNED " + "%*d" % (10 ** 9, 1) + "</Say></Response>"

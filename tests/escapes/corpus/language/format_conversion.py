# class: format with an unknown conversion; expected: exception
response = "<Response><Say>PWNED " + "{0!x}".format(call) + "</Say></Response>"

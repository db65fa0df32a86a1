# class: str.format walks items and attributes in turn; expected: exception
response = "<Response><Say>PWNED " + "{0[0].__class__}".format([1]) + "</Say></Response>"

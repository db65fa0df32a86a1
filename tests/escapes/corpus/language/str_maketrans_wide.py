# class: maketrans and translate as a bomb; expected: exception
table = str.maketrans({"a": "b" * 1000000})
response = "<Response><Say>PWNED " + ("a" * 1000000).translate(table) + "</Say></Response>"

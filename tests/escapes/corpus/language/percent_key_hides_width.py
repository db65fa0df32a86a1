# class: %-format whose mapping key hides the width; expected: exception
response = "<Response><Say>PWNED " + "%(a(%s)b)999999999d" % {"a(%s)b": 1} + "</Say></Response>"

# class: a replacement field inside the format specification; expected: exception
response = "<Response><Say>PWNED " + "{0:{1.__class__}}".format(1, call) + "</Say></Response>"

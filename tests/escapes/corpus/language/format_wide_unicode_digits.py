# class: format width in Arabic digits; expected: exception
response = "<Response><Say>PWNED " + format(1, "٩٩٩٩٩٩٩٩٩d") + "</Say></Response>"

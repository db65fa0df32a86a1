# class: escape that spells a dunder inside a format; expected: exception
response = "<Response><Say>PWNED " + "{0.\x5f\x5fclass\x5f\x5f}".format(call) + "</Say></Response>"

# class: format_map over an object that is no mapping; expected: exception
response = "<Response><Say>PWNED " + "{sid}".format_map(call) + "</Say></Response>"

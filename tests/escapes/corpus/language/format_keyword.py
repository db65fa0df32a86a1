# class: str.format with a keyword that names an object; expected: exception
response = "<Response><Say>PWNED " + "{call._turn}".format(call=call) + "</Say></Response>"

# class: str.format taken from the type; expected: exception
response = "<Response><Say>PWNED " + str.format("{0.__init__.__globals__}", call) + "</Say></Response>"

# class: join over something that may not be gone through; expected: exception
response = "<Response><Say>PWNED " + ",".join(call) + "</Say></Response>"

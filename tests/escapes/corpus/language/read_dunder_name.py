# class: reading __name__; expected: rejected at compile
response = "<Response><Say>PWNED " + __name__ + "</Say></Response>"

# class: changing who is called; expected: exception
call.id = "0"
response = "<Response><Say>PWNED</Say></Response>"

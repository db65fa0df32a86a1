# class: an exception class given an argument that stays; expected: exception
ValueError.leak = params
response = "<Response><Say>PWNED</Say></Response>"

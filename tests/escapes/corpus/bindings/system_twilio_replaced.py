# class: replacing system.twilio; expected: exception
system.twilio = {"getUser": len}
response = "<Response><Say>PWNED</Say></Response>"

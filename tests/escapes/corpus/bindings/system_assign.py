# class: replacing a function of system; expected: exception
system.twilio.sendMessage = print
response = "<Response><Say>PWNED</Say></Response>"

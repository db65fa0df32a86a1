# class: rebinding a method of TwilioUser; expected: exception
system.twilio.getUser(1).getUsername = lambda: "PWNED"
response = "<Response><Say>PWNED</Say></Response>"

# class: getUser with a number below zero; expected: harmless
response = "<Response><Say>PWNED</Say></Response>" if system.twilio.getUser(-1) is not None else ""

# class: getUser with a number of thousands of bits; expected: exception or harmless
found = system.twilio.getUser(1 << 200)
response = "<Response><Say>PWNED</Say></Response>" if found else ""

# class: the facts behind a TwilioUser; expected: exception
loot = getattr(system.twilio.getUser(1), "_facts")
response = "<Response><Say>PWNED</Say></Response>"

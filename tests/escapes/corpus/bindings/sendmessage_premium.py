# class: a text to a number written oddly; expected: exception
system.twilio.sendMessage("+1 (900) 555-0199", "PWNED")

# class: a text to a number that is nobody's; expected: exception
system.twilio.sendMessage("+15550001111", "PWNED")

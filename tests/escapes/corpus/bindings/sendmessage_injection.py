# class: a text to a number with a line break and more; expected: exception
system.twilio.sendMessage("+46701234567\r\nTo: +15550001111", "PWNED")

# class: a text to a list of numbers; expected: exception
system.twilio.sendMessage(["+15550001111"], "PWNED")

# class: a text with half a character; expected: exception
system.twilio.sendMessage("+46709999999", "\ud800")

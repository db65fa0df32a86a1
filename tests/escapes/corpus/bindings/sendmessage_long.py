# class: a text of megabytes; expected: exception
system.twilio.sendMessage("+46709999999", "x" * 1000000)
response = ""

# class: sendMessage with a sender of the script's choosing; expected: exception
system.twilio.sendMessage(number="+46709999999", message="x", from_="+15550001111")

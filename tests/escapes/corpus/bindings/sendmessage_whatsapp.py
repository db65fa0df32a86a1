# class: a text through another channel; expected: exception
system.twilio.sendMessage("whatsapp:+15550001111", "PWNED")

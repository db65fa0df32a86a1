# class: PIN in a text to a contact; expected: exception
# turn: pin Digits=8264
system.twilio.sendMessage(From, "my PIN is " + Digits)

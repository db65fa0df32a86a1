# class: PIN in a text to a contact, digit by digit; expected: exception
# turn: pin Digits=8264
system.twilio.sendMessage(From, "my PIN is " + " ".join(Digits))

# class: a text to a number in full-width digits; expected: exception
system.twilio.sendMessage("+４６７０１２３４５６７", "PWNED")

# class: getUser with a text; expected: exception
system.twilio.getUser("1 or 1=1")

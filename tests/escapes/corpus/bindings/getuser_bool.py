# class: getUser with True; expected: exception
system.twilio.getUser(True)

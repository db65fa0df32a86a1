# class: host calls from inside a sort; expected: exception
found = sorted([1, 2, 3], key=system.twilio.getUser)

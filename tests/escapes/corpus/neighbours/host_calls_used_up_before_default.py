# class: host calls used up, so that the default has none left; expected: host-calls
# turn: ack
for n in range(40):
    system.twilio.getUser(n)

# class: host calls used up on the PIN step, so that the default cannot acknowledge; expected: host-calls
# turn: pin Digits=8264
for n in range(40):
    system.twilio.getUser(n)

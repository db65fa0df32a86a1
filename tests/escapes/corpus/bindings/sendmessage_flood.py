# class: texts without end; expected: host-calls
for n in range(1000):
    system.twilio.sendMessage("+46709999999", "PWNED " + str(n))

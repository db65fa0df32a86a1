# class: as many host calls as there may be, each with a search in the database; expected: harmless
for n in range(32):
    system.twilio.getUser(n % 4)
response = ""

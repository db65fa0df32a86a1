# class: return in finally swallows what ends the turn; expected: host-calls or harmless
def ask():
    try:
        for n in range(100):
            system.twilio.getUser(n)
    finally:
        return "swallowed"
ask()
response = ""

# class: continue in finally swallows what ends the turn, again and again; expected: killed by cpu
def ask():
    while True:
        try:
            system.twilio.getUser(1)
        finally:
            continue
ask()

# Two people for a critical alarm
#
# On the phone, an alarm of priority Critical is acknowledged only by two people on the same line: both enter
# their PIN, hear read back what they are about to acknowledge, and press 1. Other alarms go the usual way. The
# phone must be one that a crew shares: `shared_phone` of a roster.
#
# It holds for calls alone. One person can still acknowledge by text, by `tocsin` and over the API. Where two
# people are needed whatever the way, write `must_acknowledge = 2` into the notification block of the pipeline;
# each of them then acknowledges on their own.
#
# Scripts run in the order of their file names. This one must come before every other that acknowledges, and
# those must look whether `response` holds an answer already, as the sample project's do.

TRIES = 3


def say(where, text):
    where.say(text, voice=call.voice or None, language=call.language)


def ask_pin(step, text):
    turn = VoiceResponse()
    gather = turn.gather(input="dtmf", finish_on_key="#", timeout=10, action=call.url(step))
    say(gather, text)
    turn.redirect(call.url(step))
    return turn


def again(step, text):
    session["two people tries"] = session.get("two people tries", 0) + 1
    if session["two people tries"] < TRIES:
        return ask_pin(step, text)
    return give_up("Nothing was acknowledged. The alarm stays open.")


def give_up(text):
    turn = VoiceResponse()
    say(turn, text + " Goodbye.")
    turn.hangup()
    return turn


def go_to(step):
    turn = VoiceResponse()
    turn.redirect(call.url(step))
    return turn


# Without a choice of the caller's it is about all that was heard, and that may be any of them.
chosen = session.get("wanted")
wanted = [alarm for alarm in alarms if chosen is None or alarm.id in chosen]
critical = [alarm for alarm in wanted if alarm.priority == "Critical"]
what = ", ".join([alarm.label for alarm in wanted])

if not response and callAction == "ack" and critical:
    session["first person"] = None  # each acknowledgement takes two people of its own
    session["two people tries"] = 0
    response = ask_pin("first-pin", "This takes two people. First person: your PIN, then hash.")

elif callAction == "first-pin":
    if Digits and call.identify(Digits).ok:
        # From the next turn on, `user` is who that PIN belongs to.
        response = ask_pin("second-pin", "Second person: your PIN, then hash.")
    else:
        response = again("first-pin", "Not recognised. First person: your PIN, then hash.")

elif callAction == "second-pin":
    session["first person"] = session.get("first person") or [user.username, user.name]
    if Digits and call.identify(Digits).ok:
        response = go_to("read-back")
    else:
        response = again("second-pin", "Not recognised. Second person: your PIN, then hash.")

elif callAction == "read-back":
    username, name = session["first person"]
    if user.username == username:
        response = again("second-pin", "That was the same person. Second person: your PIN, then hash.")
    else:
        response = VoiceResponse()
        gather = response.gather(input="dtmf", num_digits=1, timeout=10, action=call.url("two-confirm"))
        say(gather, f"{name} and {user.name} acknowledge: {what}. Press 1 to confirm.")
        say(response, "Nothing was acknowledged.")
        response.redirect(call.url("menu"))

elif callAction == "two-confirm":
    session["expects"] = "go on"
    if Digits == "1":
        result = call.acknowledge(alarms=wanted, note=f"together with {session['first person'][1]}")
        if result.ok:
            text = f"Acknowledged by {session['first person'][1]} and {user.name}."
            if result.moreNeeded:
                text += " By the rule of the plant somebody else has to acknowledge as well."
            if result.changed:
                text += " Something else has changed meanwhile."
        elif result.reason == "already_acknowledged":
            text = f"Already acknowledged by {result.by}."
        elif result.reason == "nothing_open":
            text = "Nothing was acknowledged: it has changed meanwhile."
        else:
            text = "That could not be recorded. The alarm stays open."
    else:
        text = "Nothing was acknowledged."
    response = VoiceResponse()
    say(response, text)
    response.redirect(call.url("menu"))

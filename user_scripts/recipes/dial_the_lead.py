# Talk to the lead, always by the same number
#
# Key 0 in the menu connects the caller to the number below. Whoever answers hears what it is about and presses
# 1 to accept, so that a voicemail box never swallows the call. Afterwards the menu goes on.
#
# It takes the place of the default script's key 0, which does the same with the lead who is on call now: the
# first by any roster with the role `lead`. Use this one where the number is nobody's, such as that of an office.
#
# Change the number below; it must be a contact of a user, or be allowed under [scripts] dial.

LEAD = "+46701740606"
RING_SECONDS = 20


def say(where, text):
    where.say(text, voice=call.voice or None, language=call.language)


turn = VoiceResponse()
is_key = callAction == "menu" and Digits == "0" and session.get("expects") in ("alarm", "menu", "areas")

if not response and is_key:
    session["expects"] = "go on"
    say(turn, "Calling the lead.")
    dial = turn.dial(action=call.url("transfer"), timeout=RING_SECONDS, answer_on_bridge=True)
    dial.number(LEAD, url=call.url("screen"))  # what the lead hears before being connected
    response = turn

elif callAction == "screen":
    about = alarms[0].label if alarms else "an alarm"
    gather = turn.gather(input="dtmf", num_digits=1, timeout=8, action=call.url("accept"))
    say(gather, f"{call.site} has a call for you about {about}. Press 1 to accept.")
    turn.hangup()
    response = turn

elif callAction == "accept":
    # An empty document connects the two; a hang-up here ends only the lead's part.
    if Digits != "1":
        turn.hangup()
    response = turn

elif callAction == "transfer":
    if params.get("DialCallStatus") != "completed":
        say(turn, "The lead did not answer.")
    turn.redirect(call.url("menu"))
    response = turn

# Status hotline
#
# Somebody of the crew calls the plant's number from a phone it knows: tell at once how things stand, without
# a PIN, because nothing can be changed before one is entered. Star goes on to the default script.
#
# Where the voice profile says pin = "to-hear", and for unknown phones, the default asks for the PIN first.


def priority_count(priority):
    return len([alarm for alarm in alarms if alarm.priority == priority])


is_crew = callAction == "inbound" and user is not None and call.pin != "to-hear"

if not response and is_crew and not session.get("told"):
    session["told"] = True  # the next `inbound` turn of this call is the default's

    if alarms:
        counts = [
            f"{priority_count(priority)} of priority {priority}"
            for priority in ("Critical", "High", "Medium", "Low", "Diagnostic")
            if priority_count(priority)
        ]
        names = ". ".join([alarm.label for alarm in alarms[:5]])
        status = f"Open alarms: {', '.join(counts)}. {names}."
    else:
        status = "All is well. There is no open alarm."

    turn = VoiceResponse()
    turn.pause(length=1)
    gather = turn.gather(input="dtmf", num_digits=1, timeout=4, action=call.url("inbound"))
    gather.say(
        f"{call.site}. {status} To acknowledge, press star. Otherwise just hang up.",
        voice=call.voice or None,
        language=call.language,
    )
    turn.say("Goodbye.", voice=call.voice or None, language=call.language)
    turn.hangup()
    response = turn

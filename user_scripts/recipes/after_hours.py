# After-hours message
#
# Somebody calls the plant's number in the evening: tell the opening hours and whom to call in an emergency.
# People on call press star and go on to the default script, which asks for their PIN.
#
# Change the four lines below. The time is that of the gateway's time zone.

import datetime

OPEN_DAYS = (0, 1, 2, 3, 4)  # Monday is 0
OPENS, CLOSES = 6, 18
EMERGENCY = "the fire brigade at 1 1 2"
HOURS = "Monday to Friday, 6 to 18"

now = datetime.datetime.now()
is_open = now.weekday() in OPEN_DAYS and OPENS <= now.hour < CLOSES

if not response and callAction == "inbound" and not is_open and not session.get("after hours"):
    session["after hours"] = True  # the next `inbound` turn of this call is the default's

    turn = VoiceResponse()
    turn.pause(length=1)
    gather = turn.gather(input="dtmf", num_digits=1, timeout=4, action=call.url("inbound"))
    gather.say(
        f"This is {call.site}. We are here {HOURS}. In an emergency call {EMERGENCY}. "
        "If you are on call, press star.",
        voice=call.voice or None,
        language=call.language,
    )
    turn.hangup()
    response = turn

# Text me the details
#
# Key 8 in the menu sends the open alarms to the phone on this call, one line each, worst first.


def line(alarm):
    value = "" if alarm.value is None or alarm.value == "" else f" ({alarm.value})"
    return f"{alarm.priority}: {alarm.label}{value} since {alarm.activeAt.strftime('%H:%M')}"


if callAction == "menu" and Digits == "8" and session.get("expects") in ("alarm", "menu", "areas"):
    phone = From if call.direction == "inbound" else To
    text = "\n".join([call.site] + [line(alarm) for alarm in alarms[:8]])
    if len(alarms) > 8:
        text += f"\nand {len(alarms) - 8} more"

    # True only if Twilio took the message.
    sent = system.twilio.sendMessage(phone, text)

    turn = VoiceResponse()
    turn.say(
        "The details were sent to this phone." if sent else "The details could not be sent.",
        voice=call.voice or None,
        language=call.language,
    )
    turn.redirect(call.url("menu"))
    session["expects"] = "go on"
    response = turn

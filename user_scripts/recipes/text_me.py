# Text me the details
#
# Key 8 in the menu sends the open alarms to the phone on this call, one line each, worst first. From a phone
# that is not one's own, such as a crew's, they go to the phone of whoever has entered a PIN.
#
# It takes the place of the default script's key 8, the details of an alarm.


def line(alarm):
    value = "" if alarm.value is None or alarm.value == "" else f" ({alarm.value})"
    return f"{alarm.priority}: {alarm.label}{value} since {alarm.activeAt.strftime('%H:%M')}"


def own_phone():
    """The phone on the line where it is the person's own, else the first number of that person, or ""."""
    calling = From if call.direction == "inbound" else To
    found = system.user.getUser("", user.username).getContactInfo() if user is not None else []
    numbers = [one.value for one in found if one.contactType in ("sms", "phone")]
    return calling if calling in numbers else "".join(numbers[:1])


is_key = callAction == "menu" and Digits == "8" and session.get("expects") in ("alarm", "menu", "areas")

if not response and is_key:
    text = "\n".join([call.site] + [line(alarm) for alarm in alarms[:8]])
    if len(alarms) > 8:
        text += f"\nand {len(alarms) - 8} more"

    # True only if Twilio took the message.
    phone = own_phone()
    sent = phone and system.twilio.sendMessage(phone, text)

    turn = VoiceResponse()
    turn.say(
        "The details were sent to your phone." if sent else "The details could not be sent.",
        voice=call.voice or None,
        language=call.language,
    )
    turn.redirect(call.url("menu"))
    session["expects"] = "go on"
    response = turn

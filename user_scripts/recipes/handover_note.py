# Leave a spoken note for the next shift
#
# Key 8 in the menu records up to a minute; the link to the recording is texted to whoever takes over, and
# stands in the log of the call. Afterwards the call goes on where it was.
#
# It takes the place of the default script's key 8, the details of an alarm. Change the number below; it must be
# a contact of a user, or be allowed under [scripts] dial. Twilio keeps the recording until somebody deletes it.

NEXT_SHIFT = "+46701740607"


def say(where, text):
    where.say(text, voice=call.voice or None, language=call.language)


def text_to_the_next_shift(text):
    try:
        return system.twilio.sendMessage(NEXT_SHIFT, text)
    except Exception as error:  # the number is no longer one that scripts may reach
        print(f"the next shift gets no text: {error}")
        return False


turn = VoiceResponse()
is_key = callAction == "menu" and Digits == "8" and session.get("expects") in ("alarm", "menu", "areas")

if not response and is_key:
    say(turn, "Speak your note after the tone, then press hash.")
    turn.record(action=call.url("noted"), max_length=60, timeout=5, finish_on_key="#", play_beep=True)
    # Twilio comes here only where nothing was recorded.
    say(turn, "Nothing was recorded.")
    turn.redirect(call.url("menu"))
    session["expects"] = "menu"
    response = turn

elif callAction == "noted":
    about = [alarm.label for alarm in alarms if alarm.id == session.get("alarm")]
    author = user.name if user is not None else "somebody"
    link = params.get("RecordingUrl", "")
    print(f"note of {params.get('RecordingDuration', '?')} s about {', '.join(about) or 'no alarm'}: {link}")

    text = f"{call.site}: note by {author}"
    if about:
        text += f" about {about[0]}"
    sent = link and text_to_the_next_shift(f"{text}: {link}")
    say(turn, "Your note was sent." if sent else "Your note was recorded but could not be sent.")
    turn.redirect(call.url("menu"))
    session["expects"] = "go on"
    response = turn

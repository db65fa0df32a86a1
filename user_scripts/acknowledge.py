# The default Twilio Script of tocsin: it greets, reads the alarms, asks for the PIN, acknowledges, and says
# what happened. It runs for every turn of a call that the project's own scripts leave without a response.
#
# It uses only what every Twilio Script may use, so all of it can be copied and changed: this file together
# with its modules, `_default_*.py`. What it says stands in phrases/. Each step answers one call action and
# returns the TwiML of one turn; `session` remembers what the next turn must know:
#
#   expects   what the next turn was asked: "summary", "new" or "go on" (any key just goes on), "alarm", "menu"
#             or "areas" (a key of the menu)
#   alarm     id of the alarm read last
#   read      ids of the alarms read one by one
#   known     ids of the alarms this caller was told of, with state and priority; at most KNOWN
#   newest    when the newest alarm that was counted had gone active; those after it are new
#   wanted    ids that the caller asked to acknowledge
#   note      what the caller gave as a note
#   done      how many this caller has acknowledged
#   pin_for   what the PIN is asked for: "ack", "hear", "shelve", "pass" or "raise"
#   minutes   for how long the caller asked to shelve
#   row       alarms read since the last key
#   silent, strays, wrong_pins, talks   how often nothing, a key without meaning, a wrong PIN, the lead came

from _default_acknowledging import ack, acknowledge_this, acknowledge_told, note
from _default_alarms import count_alarms, new_critical, open_alarms
from _default_greeting import answer, begin, inbound, status
from _default_handing_on import ask_to_pass, ask_to_shelve, pass_on, shelve, talk, transfer
from _default_keys import keys
from _default_pin import pin
from _default_raising import ask_to_raise, raise_alarm
from _default_reading import (
    areas_again,
    details,
    menu_again,
    read,
    read_neighbour,
    read_next,
    repeat,
    start_reading,
    stray_key,
)
from _default_turns import (
    ask_pin,
    goodbye,
    is_inbound,
    nothing_entered,
    nothing_left,
    pin_comes_first,
    who_is_it,
)
from _default_words import end_line, say


def menu():
    if pin_comes_first():
        return ask_pin("hear", who_is_it())
    expects = session.get("expects", "go on")
    if Digits:
        session["silent"] = session["row"] = 0
        if expects in ("alarm", "menu", "areas"):
            return ON_KEY.get(keys.get(Digits), stray_key)()
        if expects == "new" and keys.get(Digits) == "end":
            return end()
    if expects == "summary":
        return status()
    if not open_alarms():
        return nothing_left()
    if expects == "new" or session.get("newest") is None:
        count_alarms()
    if new_critical():
        return read(new_critical()[0], phrase("interrupt"))
    if expects in ("menu", "areas"):
        return nothing_entered(menu_again if expects == "menu" else areas_again)
    return start_reading()


def end():
    return goodbye(end_line())


def voicemail():
    """Say it twice, and without any detail: anybody may listen to a voicemail box."""
    turn = VoiceResponse()
    turn.pause(length=1)
    number = " ".join((To if is_inbound() else From).replace("+", ""))
    text = phrase("voicemail-and-text" if call.texts else "voicemail", site=call.site, number=number)
    say(turn, text + " " + text)
    turn.hangup()
    return turn


ON_KEY = {
    "ack": acknowledge_this,
    "all": acknowledge_told,
    "repeat": repeat,
    "next": read_next,
    "back": lambda: read_neighbour(-1),
    "pass": ask_to_pass,
    "shelve": ask_to_shelve,
    "details": details,
    "talk": talk,
    "raise": ask_to_raise,
    "end": end,
}
STEPS = {
    "answer": answer,
    "inbound": inbound,
    "menu": menu,
    "ack": ack,
    "note": note,
    "pin": pin,
    "pass": pass_on,
    "shelve": shelve,
    "transfer": transfer,
    "raise": raise_alarm,
    "voicemail": voicemail,
}

# An action that has no step here begins the call anew, so that no caller is ever left with silence.
response = STEPS.get(callAction, begin)()

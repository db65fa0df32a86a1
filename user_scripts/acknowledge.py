# The default Twilio Script of tocsin: it greets, reads the alarms, asks for the PIN, acknowledges, and says
# what happened. It runs for every turn of a call that the project's own scripts leave without a response.
#
# It uses only what every Twilio Script may use, so any part of it can be copied and changed. Each step below
# answers one call action and returns the TwiML of one turn; `session` remembers what the next turn must know:
#
#   expects   what the next `menu` turn was asked: "summary" or "go on" (any key just goes on), "alarm" or "menu"
#   alarm     id of the alarm read last
#   read      ids of the alarms read in this call
#   closed    ids of the alarms that need nothing more from this caller
#   wanted    ids that the caller asked to acknowledge
#   pin_for   what the PIN is asked for: "ack", "hear", "shelve" or "pass"
#   minutes   for how long the caller asked to shelve
#   silent, strays, wrong_pins   how often nothing, a key without meaning, a wrong PIN was entered

PHRASES = {
    "en": {
        "calling": "This is the alarm system of {site}.",
        "calling by name": "This is the alarm system of {site}, calling {person}.",
        "one alarm": "1 alarm, priority {priority}.",
        "many alarms": "{count} alarms, the highest priority is {priority}.",
        "number of": "Alarm {number} of {count}, priority {priority}.",
        "value": "Value {value}.",
        "notes": "Note: {notes}",
        "cleared": "It has returned to normal.",
        "keys for one": "Press {ack} to acknowledge, {repeat} to repeat, {pass} to pass it on, {end} to end.",
        "keys for many": "Press {ack} to acknowledge this alarm, {all} for all that you have heard, {repeat} to repeat, "
        "{next} for the next, {pass} to pass them on, {end} to end.",
        "keys between": "Press {ack} to acknowledge, {next} for the next.",
        "keys again": "{ack} to acknowledge, {repeat} to repeat, {end} to end.",
        "keys again for many": "{ack} for this alarm, {all} for all, {repeat} to repeat, {end} to end.",
        "no such key": "Key {key} has no meaning here.",
        "enter pin": "Enter your PIN, then hash.",
        "enter pin again": "Your PIN, then hash.",
        "thank you": "Thank you.",
        "acknowledged": "Acknowledged.",
        "already": "Already acknowledged.",
        "already by": "Already acknowledged by {by}.",
        "already by at": "Already acknowledged by {by} at {at}.",
        "wrong pin": "That PIN was not recognised.",
        "wrong pin last": "That PIN was not recognised. Nothing was acknowledged.",
        "locked": "PIN entry is locked on this phone. You may listen but not acknowledge; the alarm stays open.",
        "locked out": "PIN entry is locked on this phone. The alarm stays open.",
        "not allowed": "You may listen to this alarm but not acknowledge it. It stays open.",
        "unknown phone": "This telephone is not known here. Call from one that is.",
        "not recorded": "That could not be recorded. The alarm stays open.",
        "nothing": "There is nothing to acknowledge.",
        "one open": "1 alarm is still open.",
        "many open": "{count} alarms are still open.",
        "ask to pass": "Press {pass} again to pass it to the next person, or {back} to go back.",
        "passed": "Passed on. The next person is told now.",
        "ask to shelve": "To shelve, press 1 for 15 minutes, 2 for 1 hour, 3 for 4 hours, or {back} to go back.",
        "shelved": "Shelved for {minutes} minutes.",
        "voicemail": "This is the alarm system of {site}. Call back {number}.",
        "no entry": "No entry.",
        "goodbye": "Goodbye.",
    },
}

# What each key means in the menu; the voice profile says which of the two sets a call uses.
KEYS = {
    "ignition": {
        "1": "ack",
        "2": "all",
        "3": "repeat",
        "4": "next",
        "5": "pass",
        "7": "shelve",
        "9": "end",
        "*": "back",
    },
    "pagerduty": {
        "4": "ack",
        "6": "all",
        "*": "repeat",
        "1": "next",
        "5": "pass",
        "7": "shelve",
        "9": "end",
        "2": "back",
    },
}
SHELVE_MINUTES = {"1": 15, "2": 60, "3": 240}
PROMPTS = 3  # how often a question is asked before the call ends
PIN_TRIES = 3

# A text without a translation is spoken in English, and then not with a voice of another language.
translated = call.language[:2] in PHRASES
phrases = PHRASES[call.language[:2] if translated else "en"]
language = call.language if translated else "en-US"
voice = call.voice if translated else ""
keys = KEYS.get(call.digits, KEYS["ignition"])
key_for = {meaning: key.replace("*", "star") for key, meaning in keys.items()}


# ---- words


def phrase(name, **values):
    return phrases[name].format(**values)


def key_phrase(name):
    return phrase(name, **key_for)


def say(where, text):
    where.say(text, voice=voice or None, language=language)


def number(value):
    """93.4000001 is spoken as 93.4, and 93.0 as 93."""
    if isinstance(value, float):
        value = round(value, 2)
        if value == int(value):
            value = int(value)
    return value


def describe(alarm):
    """What is said of one alarm."""
    parts = []
    waiting = open_alarms()
    if len(waiting) > 1:
        position = [other.id for other in waiting].index(alarm.id) + 1
        parts.append(phrase("number of", number=position, count=len(waiting), priority=alarm.priority))
    parts.append((alarm.label or alarm.name) + ".")
    if alarm.value is not None and alarm.value != "":
        parts.append(phrase("value", value=number(alarm.value)))
    if alarm.notes:
        parts.append(phrase("notes", notes=alarm.notes))
    if alarm.state.startswith("Cleared"):
        parts.append(phrase("cleared"))
    return " ".join(parts)


def summary():
    """How many alarms there are, and how bad the worst is; `alarms` has the worst first."""
    waiting = open_alarms()
    if len(waiting) == 1:
        return phrase("one alarm", priority=waiting[0].priority)
    return phrase("many alarms", count=len(waiting), priority=waiting[0].priority)


def still_open():
    count = len(open_alarms())
    if count == 0:
        return ""
    return phrase("one open") if count == 1 else phrase("many open", count=count)


def menu_keys():
    return key_phrase("keys for one" if len(open_alarms()) == 1 else "keys for many")


# ---- what is left to do


def remembered(name):
    return session.get(name, [])


def remember(name, ids):
    session[name] = remembered(name) + [one for one in ids if one not in remembered(name)]


def open_alarms():
    """The alarms that still wait for somebody, less those this caller has dealt with."""
    return [one for one in alarms if "Unacknowledged" in one.state and one.id not in remembered("closed")]


def unread_alarms():
    return [one for one in open_alarms() if one.id not in remembered("read")]


def count_up(name):
    session[name] = session.get(name, 0) + 1
    return session[name]


# ---- shapes of a turn


def question(step, text, opening=None, **attributes):
    """Ask for keys while speaking, so that they work during the text; `step` gets them, or nothing."""
    turn = opening or VoiceResponse()
    say(turn.gather(input="dtmf", action=call.url(step), **attributes), text)
    turn.redirect(call.url(step))
    return turn


def interlude(text, opening=None, then="go on"):
    """Say something before an alarm. A key only cuts it short: it was not meant for the alarm that follows."""
    session["expects"] = then
    return question("menu", text, opening, timeout=1, num_digits=1)


def ask_key(text):
    session["expects"] = "menu"
    return question("menu", text, timeout=8, num_digits=1)


def ask_pin(purpose, text, opening=None):
    session["pin_for"] = purpose
    return question("pin", text, opening, timeout=8, finish_on_key="#")


def goodbye(*texts):
    turn = VoiceResponse()
    say(turn, " ".join([text for text in texts if text] + [phrase("goodbye")]))
    turn.hangup()
    return turn


def go_on(text):
    """After something was done: the next alarm where one is open, else the end of the call."""
    return interlude(text + " " + still_open()) if open_alarms() else goodbye(text)


def nothing_entered(ask_again):
    """Ask twice more, then end the call; the alarm stays open."""
    if count_up("silent") < PROMPTS:
        return ask_again()
    return goodbye(phrase("no entry"))


# ---- the steps `answer` and `inbound`


def is_inbound():
    return call.direction == "inbound"


def pin_comes_first():
    """Nothing is told before the PIN where the profile says so, nor to whoever calls in."""
    if is_inbound() and user is None:
        return True
    return call.pin == "to-hear" or (is_inbound() and call.pin != "none")


def greet(text):
    opening = VoiceResponse()
    opening.pause(length=1)
    if pin_comes_first():
        return ask_pin("hear", text + " " + phrase("enter pin"), opening)
    if not open_alarms():
        return goodbye(text, phrase("nothing"))
    return interlude(text + " " + summary(), opening)


def answer():
    if user is None:
        return inbound()
    return greet(phrase("calling by name", site=call.site, person=user.name))


def inbound():
    return greet(phrase("calling", site=call.site))


# ---- the step `menu`: reading the alarms, and what each key does


def menu():
    if pin_comes_first():
        return ask_pin("hear", phrase("enter pin"))
    expects = session.get("expects", "go on")
    if Digits and expects in ("alarm", "menu"):
        session["silent"] = 0
        return ON_KEY.get(keys.get(Digits), stray_key)()
    if not open_alarms():
        return goodbye(phrase("nothing"))
    if expects == "summary":
        return interlude(summary())
    if expects == "menu":
        return nothing_entered(menu_again)
    return read((unread_alarms() or open_alarms())[0])


def read(alarm):
    """Read one alarm; after the last one, say what the keys do."""
    heard(alarm)
    first = not remembered("read")
    remember("read", [alarm.id])
    session["alarm"] = alarm.id
    if not unread_alarms():
        return ask_key(describe(alarm) + " " + menu_keys())
    session["expects"] = "alarm"
    hint = " " + key_phrase("keys between") if first else ""
    return question("menu", describe(alarm) + hint, timeout=2, num_digits=1)


def menu_again():
    return ask_key(key_phrase("keys again" if len(open_alarms()) == 1 else "keys again for many"))


def back_to_menu(text=""):
    if not open_alarms():
        return goodbye(text or phrase("nothing"))
    if session.get("alarm") is None:
        return interlude(text + " " + summary())
    return ask_key(text + " " + menu_keys())


def stray_key():
    if count_up("strays") < PROMPTS:
        return back_to_menu(phrase("no such key", key=Digits[0].replace("*", "star")))
    return end()


def acknowledge_this():
    return acknowledge([session["alarm"]])


def acknowledge_heard():
    return acknowledge([one for one in remembered("read") if one not in remembered("closed")])


def acknowledge(wanted):
    """Leave it to a turn of its own, so that a project's script can take the place of that step alone."""
    session["wanted"] = wanted
    turn = VoiceResponse()
    turn.redirect(call.url("ack"))
    return turn


def read_neighbour(step):
    """Read the alarm `step` places from the one heard last, going round at the end."""
    waiting = open_alarms()
    if not waiting:
        return goodbye(phrase("nothing"))
    ids = [alarm.id for alarm in waiting]
    position = ids.index(session["alarm"]) if session["alarm"] in ids else 0
    return read(waiting[(position + step) % len(waiting)])


def end():
    return goodbye(still_open())


# ---- the steps `ack` and `pin`


def ack():
    """Acknowledge what was asked for, or all that was heard; the gateway says whether that needs a PIN."""
    return tell(call.acknowledge(alarms=session.get("wanted")), "ack")


def pin():
    purpose = session.get("pin_for", "hear" if pin_comes_first() else "ack")
    entered = Digits.split("*")[-1]  # star clears what was typed before it
    if not entered:
        return nothing_entered(lambda: ask_pin(purpose, phrase("enter pin again")))
    session["silent"] = 0
    if purpose == "ack":
        return tell(call.acknowledge(pin=entered, alarms=session.get("wanted")), "ack")
    result = call.identify(entered)
    return AFTER_PIN[purpose]() if result.ok else tell(result, purpose)


def hear():
    """The PIN was right: from the next turn on, `alarms` holds what this person may hear."""
    session["expects"] = "summary"
    turn = VoiceResponse()
    say(turn, phrase("thank you"))
    turn.redirect(call.url("menu"))
    return turn


def tell(result, purpose):
    """Say what came of a request. Only a result that is ok is ever called acknowledged."""
    asked_for = session.get("wanted") or remembered("read")
    if result.ok:
        if not asked_for:  # only the gateway knows what that was about; the next turn tells what is left
            return interlude(phrase("acknowledged"))
        remember("closed", asked_for)
        return go_on(phrase("acknowledged"))
    if result.reason == "already_acknowledged":
        remember("closed", asked_for)
        return go_on(already(result))
    if result.reason == "nothing_open":
        remember("closed", asked_for)
        return go_on(phrase("nothing"))
    if result.reason == "pin_required":
        return ask_pin(purpose, phrase("enter pin"))
    if result.reason == "wrong_pin":
        if count_up("wrong_pins") < PIN_TRIES:
            return ask_pin(purpose, phrase("wrong pin") + " " + phrase("enter pin again"))
        return goodbye(phrase("wrong pin last"))
    return stays_open(result)


def already(result):
    if result.by and result.at:
        return phrase("already by at", by=result.by, at=result.at.strftime("%H:%M"))
    return phrase("already by", by=result.by) if result.by else phrase("already")


def stays_open(result):
    """Nothing was done; who may hear the alarms may go on listening."""
    if result.reason == "locked":
        text = phrase("locked out" if pin_comes_first() else "locked")
    elif result.reason == "not_allowed":
        if user is None:
            return goodbye(phrase("unknown phone"))
        text = phrase("not allowed")
    else:
        text = phrase("not recorded")
    return back_to_menu(text)


# ---- the steps `pass` and `shelve`


def ask_to_pass():
    return question("pass", key_phrase("ask to pass"), timeout=8, num_digits=1)


def pass_on():
    if not Digits:
        return nothing_entered(ask_to_pass)
    return pass_now() if keys.get(Digits) == "pass" else back_to_menu()


def pass_now():
    result = call.passOn()
    return goodbye(phrase("passed")) if result.ok else tell(result, "pass")


def ask_to_shelve():
    return question("shelve", key_phrase("ask to shelve"), timeout=8, num_digits=1)


def shelve():
    if not Digits:
        return nothing_entered(ask_to_shelve)
    if Digits not in SHELVE_MINUTES:
        return back_to_menu()
    session["minutes"] = SHELVE_MINUTES[Digits]
    return shelve_now()


def shelve_now():
    """Shelve the alarms heard in this call."""
    result = call.shelve(session["minutes"])
    if not result.ok:
        return tell(result, "shelve")
    remember("closed", remembered("read"))
    return go_on(phrase("shelved", minutes=session["minutes"]))


# ---- the step `voicemail`


def voicemail():
    """Say it twice, and without any detail: anybody may listen to a voicemail box."""
    turn = VoiceResponse()
    turn.pause(length=1)
    text = phrase("voicemail", site=call.site, number=" ".join(From.replace("+", "")))
    say(turn, text + " " + text)
    turn.hangup()
    return turn


ON_KEY = {
    "ack": acknowledge_this,
    "all": acknowledge_heard,
    "repeat": lambda: read_neighbour(0),
    "next": lambda: read_neighbour(1),
    "back": lambda: read_neighbour(-1),
    "pass": ask_to_pass,
    "shelve": ask_to_shelve,
    "end": end,
}
AFTER_PIN = {"hear": hear, "pass": pass_now, "shelve": shelve_now}
STEPS = {
    "answer": answer,
    "inbound": inbound,
    "menu": menu,
    "ack": ack,
    "pin": pin,
    "pass": pass_on,
    "shelve": shelve,
    "voicemail": voicemail,
}

# An action that has no step here begins the call anew, so that no caller is ever left with silence.
response = STEPS.get(callAction, inbound if is_inbound() else answer)()

# The default Twilio Script of tocsin: it greets, reads the alarms, asks for the PIN, acknowledges, and says
# what happened. It runs for every turn of a call that the project's own scripts leave without a response.
#
# It uses only what every Twilio Script may use, so any part of it can be copied and changed. What it says
# stands in phrases/. Each step below answers one call action and returns the TwiML of one turn; `session`
# remembers what the next turn must know:
#
#   expects   what the next turn was asked: "summary", "new" or "go on" (any key just goes on), "alarm", "menu"
#             or "areas" (a key of the menu)
#   alarm     id of the alarm read last
#   read      ids of the alarms read one by one
#   known     ids of the alarms this caller was told of, with their state; at most KNOWN
#   newest    when the newest alarm that was counted had gone active; those after it are new
#   wanted    ids that the caller asked to acknowledge
#   note      what the caller gave as a note
#   done      how many this caller has acknowledged
#   pin_for   what the PIN is asked for: "ack", "hear", "shelve" or "pass"
#   minutes   for how long the caller asked to shelve
#   row       alarms read since the last key
#   silent, strays, wrong_pins, talks   how often nothing, a key without meaning, a wrong PIN, the lead came

# What each key means in the menu; the voice profile says which of the two sets a call uses.
KEYS = {
    "ignition": {
        "1": "ack",
        "2": "all",
        "3": "repeat",
        "4": "next",
        "5": "pass",
        "7": "shelve",
        "8": "details",
        "9": "end",
        "0": "talk",
        "*": "back",
    },
    "pagerduty": {
        "4": "ack",
        "6": "all",
        "*": "repeat",
        "1": "next",
        "5": "pass",
        "7": "shelve",
        "8": "details",
        "9": "end",
        "0": "talk",
        "2": "back",
    },
}
SHELVE_MINUTES = {"1": 15, "2": 60, "3": 240}
NOTES = {"1": "note-on-my-way", "2": "note-fixed-remotely", "3": "note-false-alarm", "4": "note-need-help"}
PROMPTS = 3  # how often a question is asked before the call ends
PIN_TRIES = 3
ONE_BY_ONE = 5  # so many alarms are read one by one; more are told by area
AREAS = 5  # areas told at a time
AT_ONCE = 100  # alarms told, and acknowledged, at a time: their ids must fit into the session
KNOWN = 20
NEWS = 3  # changes told one by one
FLOOD, FLOOD_SECONDS = 10, 600
TALKS = 3
RING_SECONDS = 20

keys = KEYS.get(call.digits, KEYS["ignition"])
key_for = {meaning: key.replace("*", phrase("star")) for key, meaning in keys.items()}
closed = []  # ids of the alarms that this turn has settled
still_waiting = {}  # what `open_alarms` has found: there may be thousands


# ---- words


def key_phrase(name, **values):
    return phrase(name, **key_for, **values)


def say(where, text):
    where.say(text, voice=call.spoken.voice or None, language=call.spoken.language)


def joined(*texts):
    return " ".join([text for text in texts if text])


def describe(alarm):
    """What is said of one alarm."""
    parts = []
    waiting = open_alarms()
    if len(waiting) > 1:
        position = [other.id for other in waiting].index(alarm.id) + 1
        number = phrase("alarm-number", number=position, count=len(waiting), priority=alarm.spoken.priority)
        parts.append(number)
    parts.append(alarm.spoken.name + ".")
    if alarm.spoken.value:
        parts.append(phrase("value", value=alarm.spoken.value))
    if is_cleared(alarm):
        parts.append(cleared(alarm))
    elif alarm.spoken.since:
        parts.append(phrase("active", since=alarm.spoken.since))
    return " ".join(parts)


def is_cleared(alarm):
    return alarm.state.startswith("Cleared")


def cleared(alarm):
    return phrase("cleared-at", at=alarm.clearedAt) if alarm.clearedAt else phrase("cleared")


def summary():
    """How many alarms there are, and how bad the worst is; `alarms` has the worst first."""
    waiting = open_alarms()
    told = phrase("summary", count=len(waiting), priority=waiting[0].spoken.priority)
    return joined(flood(waiting), told)


def flood(waiting):
    """One sentence where more came within ten minutes than anybody can follow."""
    if call.floods:
        return phrase("flood-in", areas=", ".join(call.floods))
    if len(waiting) <= FLOOD:
        return ""
    moments = [alarm.activeAt.timestamp() for alarm in waiting]
    newest = max(moments)
    lately = len([moment for moment in moments if newest - moment <= FLOOD_SECONDS])
    return phrase("flood", count=lately) if lately > FLOOD else ""


def still_open():
    count = len(open_alarms())
    return phrase("still-open", count=count) if count else ""


def end_line(settled=0):
    """How the call ends: what this caller has acknowledged, unless just said, and what is left."""
    count, done = len(open_alarms()), session.get("done", 0)
    if done and count:
        return phrase("end-line", acknowledged=done, count=count)
    if done > settled:
        return phrase("all-acknowledged", count=done)
    return still_open()


def menu_keys():
    return key_phrase("keys-for-one" if len(open_alarms()) == 1 else "keys-for-many")


# ---- what is left to do


def remembered(name):
    return session.get(name) or []


def open_alarms():
    """The alarms that still wait for somebody, less those this turn has settled."""
    if len(closed) not in still_waiting:
        done = set(closed)
        still_waiting[len(closed)] = [
            one for one in alarms if "Unacknowledged" in one.state and one.id not in done
        ]
    return still_waiting[len(closed)]


def is_new(alarm):
    """Whether it came after the alarms of this call were counted; until then none is new."""
    newest = session.get("newest")
    return newest is not None and alarm.activeAt.timestamp() > newest and alarm.id not in remembered("read")


def new_alarms():
    return [one for one in open_alarms() if is_new(one)]


def new_critical():
    return [one for one in new_alarms() if one.priority == "Critical"]


def unread_alarms():
    """Those to be read next: counted, and neither read nor told by area."""
    return [
        one
        for one in open_alarms()
        if one.id not in remembered("read") and not is_new(one) and (session.get("singly") or not one.heard)
    ]


def told_alarms():
    """Those that this caller has heard, one by one or by area, as many as are acknowledged at a time."""
    read = remembered("read")
    return [one for one in open_alarms() if one.heard or one.id in read][:AT_ONCE]


def count_up(name):
    session[name] = session.get(name, 0) + 1
    return session[name]


def take_in(told):
    """Remember which alarms the caller was told of, to say at the next prompt what became of them."""
    known = session.get("known") or {}
    for alarm in told:
        if alarm.id in known or len(known) < KNOWN:
            known[alarm.id] = "cleared" if is_cleared(alarm) else "active"
    session["known"] = known


def count_alarms():
    """From now on what goes active is new."""
    waiting = open_alarms()
    session["newest"] = max([alarm.activeAt.timestamp() for alarm in waiting] or [0])
    take_in(waiting[:KNOWN])


def settle(ids):
    """These need nothing more of this caller."""
    closed.extend(ids)
    known = session.get("known") or {}
    session["known"] = {one: known[one] for one in known if one not in ids}


def news():
    """What became of alarms the caller was told of: somebody was quicker, or they returned to normal."""
    known = session.get("known") or {}
    if not known:
        return ""
    waiting = [alarm for alarm in open_alarms() if alarm.id in known]
    normal = [alarm for alarm in waiting if known[alarm.id] == "active" and is_cleared(alarm)]
    gone = [one for one in known if one not in [alarm.id for alarm in waiting]]
    if not gone and not normal:
        return ""
    session["known"] = {}
    take_in(waiting)
    told = [became(one) for one in call.standing(gone)] if gone else []
    told = [text for text in told + [returned(alarm) for alarm in normal] if text]
    more = phrase("more-news", count=len(told) - NEWS) if len(told) > NEWS else ""
    return joined(*told[:NEWS], more)


def returned(alarm):
    return phrase("now-cleared", name=alarm.spoken.name, at=alarm.clearedAt) if alarm.clearedAt else ""


def became(alarm):
    """One sentence on an alarm that is no longer among those of this call; "" where there is nothing to say."""
    if alarm.state == "acknowledged":
        return phrase("now-acknowledged", name=alarm.label, by=alarm.by, at=alarm.at)
    if alarm.state == "normal":
        return phrase("now-normal", name=alarm.label)
    if alarm.state in ("shelved", "suppressed", "out of service"):
        return phrase("now-" + alarm.state.replace(" ", "-"), name=alarm.label, by=alarm.by)
    return ""


# ---- shapes of a turn


def question(step, text, opening=None, **attributes):
    """Ask for keys while speaking, so that they work during the text; `step` gets them, or nothing."""
    turn = opening or VoiceResponse()
    say(turn.gather(input="dtmf", action=call.url(step), **attributes), joined(news(), text))
    turn.redirect(call.url(step))
    return turn


def interlude(text, opening=None, then="go on"):
    """Say something before an alarm. A key only cuts it short: it was not meant for the alarm that follows."""
    session["expects"] = then
    return question("menu", text, opening, timeout=1, num_digits=1)


def ask_key(text, expects="menu"):
    session["expects"] = expects
    return question("menu", text, timeout=8, num_digits=1)


def ask_pin(purpose, text, opening=None):
    session["pin_for"] = purpose
    return question("pin", text, opening, timeout=8, finish_on_key="#")


def goodbye(*texts):
    turn = VoiceResponse()
    say(turn, joined(news(), *texts, phrase("goodbye")))
    turn.hangup()
    return turn


def go_on(text, settled=0):
    """After something was done: the next alarm where one is open, else the end of the call."""
    waiting = open_alarms()
    if not waiting:
        if call.pin == "to-hear" and user is not None:
            return ask_pin("hear", joined(text, phrase("more-behind-pin")))
        return goodbye(text, end_line(settled))
    fresh = new_alarms()
    if fresh and len(fresh) == len(waiting) and not new_critical():
        session["expects"] = "new"
        text = joined(text, key_phrase("new-alarms", count=len(fresh)))
        return question("menu", text, timeout=4, num_digits=1)
    return interlude(joined(text, still_open()))


def nothing_entered(ask_again):
    """Ask twice more, then end the call; what is not acknowledged stays open."""
    if count_up("silent") < PROMPTS:
        return ask_again()
    return goodbye(phrase("no-entry"), end_line() if session.get("done") else "")


# ---- the steps `answer` and `inbound`


def is_inbound():
    return call.direction == "inbound"


def pin_comes_first():
    """Nothing is told before the PIN where the profile says so, nor to whoever calls in."""
    if is_inbound():
        return user is None or call.pin != "none"
    return call.pin == "to-hear" and not open_alarms()


def who_is_it():
    """The question for the PIN; on a telephone of nobody's it needs to know whose."""
    return phrase("enter-pin" if call.known else "enter-user-and-pin")


def greet(text):
    opening = VoiceResponse()
    opening.pause(length=1)
    if pin_comes_first():
        return ask_pin("hear", joined(text, who_is_it()), opening)
    if not open_alarms():
        return goodbye(text, phrase("nothing"))
    count_alarms()
    return interlude(joined(text, summary()), opening)


def answer():
    if user is None:
        return inbound()
    return greet(phrase("calling-by-name", site=call.site, person=user.name))


def begin():
    return inbound() if is_inbound() else answer()


def inbound():
    return greet(phrase("calling", site=call.site))


# ---- the step `menu`: reading the alarms, and what each key does


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


def nothing_left(text=""):
    if call.pin == "to-hear" and user is not None:
        return ask_pin("hear", joined(text, phrase("more-behind-pin")))
    return goodbye(text or news() or phrase("nothing"), end_line() if session.get("done") else "")


def status():
    """The PIN was right: how things stand, before the alarms are read."""
    taken = [one for one in alarms if "Unacknowledged" not in one.state]
    text = ""
    if taken and is_inbound():
        text = phrase("status-taken", count=len(taken), name=taken[0].spoken.name, by=taken[0].ackedBy)
    if not open_alarms():
        return goodbye(phrase("nothing"), text)
    count_alarms()
    return interlude(joined(summary(), text))


def start_reading():
    """The next alarm one by one, or by area where there are many; what came meanwhile is left for the end."""
    unread = unread_alarms()
    if len(unread) > ONE_BY_ONE and not session.get("singly"):
        return tell_areas(unread)
    if unread:
        return read(unread[0])
    if new_alarms():
        return go_on("") if len(new_alarms()) == len(open_alarms()) else menu_again()
    return read(open_alarms()[0])


def read(alarm, before=""):
    """Read one alarm; after the last one, or a handful in a row, say what the keys do."""
    heard(alarm)
    first = not remembered("read")
    session["read"] = [one for one in remembered("read") if one != alarm.id][-AT_ONCE:] + [alarm.id]
    session["alarm"] = alarm.id
    take_in([alarm])
    text = joined(before, describe(alarm))
    unread = [one for one in unread_alarms() if one.id != alarm.id]
    if not unread or count_up("row") >= ONE_BY_ONE:
        return ask_key(joined(text, menu_keys(), offer_new()))
    session["expects"] = "alarm"
    return question("menu", joined(text, key_phrase("keys-between") if first else ""), timeout=2, num_digits=1)


def offer_new():
    fresh = new_alarms()
    return phrase("new-meanwhile", count=len(fresh)) if fresh else ""


def tell_areas(waiting):
    """Tell many alarms by area: how many, and the worst of each. What is told can be acknowledged at once."""
    areas = by_area(waiting[:AT_ONCE])
    told = list(areas)[:AREAS]
    parts = []
    for name in told:
        for alarm in areas[name]:
            heard(alarm)
        worst = areas[name][0].spoken
        parts.append(phrase("area", area=name, count=len(areas[name]), name=worst.name, priority=worst.priority))
    left = len(waiting) - sum([len(areas[name]) for name in told])
    more = phrase("more-areas", count=left) if left else ""
    session["alarm"] = None
    return ask_key(joined(*parts, more, key_phrase("keys-for-areas")), "areas")


def by_area(waiting):
    """Alarms by the first part of their paths in which they differ, in the order of the worst of each."""
    paths = [(alarm.displayPath or alarm.path).split("/")[:-1] for alarm in waiting]
    depth = 0
    while all([len(path) > depth + 1 and path[depth] == paths[0][depth] for path in paths]):
        depth += 1
    areas = {}
    for alarm, path in zip(waiting, paths):
        name = path[min(depth, len(path) - 1)] if path else alarm.name
        areas[name] = areas.get(name, []) + [alarm]
    return areas


def menu_again():
    return ask_key(joined(key_phrase("keys-again" if len(open_alarms()) == 1 else "keys-again-for-many"), offer_new()))


def areas_again():
    return ask_key(key_phrase("keys-for-areas"), "areas")


def back_to_menu(text=""):
    if not open_alarms():
        return nothing_left(text)
    if session.get("expects") == "areas":
        return ask_key(joined(text, key_phrase("keys-for-areas")), "areas")
    if session.get("alarm") is None or new_critical():
        return interlude(text or summary())
    return ask_key(joined(text, menu_keys()))


def stray_key():
    """A key without meaning: the third counts as nobody there, and keeps what was acknowledged."""
    if count_up("strays") < PROMPTS:
        return back_to_menu(phrase("no-such-key", key=Digits[0].replace("*", phrase("star"))))
    call.giveUp()
    return goodbye(phrase("no-entry"), end_line())


def acknowledge_this():
    return stray_key() if session.get("alarm") is None else acknowledge([session["alarm"]])


def acknowledge_told():
    return acknowledge([alarm.id for alarm in told_alarms()])


def acknowledge(wanted):
    """Leave it to a turn of its own, so that a project's script can take the place of that step alone."""
    session["wanted"] = wanted
    session["note"] = ""
    turn = VoiceResponse()
    turn.redirect(call.url("ack"))
    return turn


def read_neighbour(step):
    """Read the alarm `step` places from the one heard last, going round at the end."""
    waiting = open_alarms()
    if not waiting:
        return nothing_left()
    if step == 0 and new_alarms() and not unread_alarms():
        count_alarms()
        return start_reading()
    ids = [alarm.id for alarm in waiting]
    if session.get("alarm") not in ids:
        return read(waiting[0])
    return read(waiting[(ids.index(session["alarm"]) + step) % len(waiting)])


def repeat():
    if session.get("expects") != "areas":
        return read_neighbour(0)
    return tell_areas(told_alarms() or open_alarms()) if open_alarms() else nothing_left()


def read_next():
    if session.get("expects") != "areas":
        return read_neighbour(1)
    session["singly"] = True
    return start_reading() if open_alarms() else nothing_left()


def details():
    """All there is to say of the alarm read last, and all the keys."""
    for alarm in open_alarms():
        if alarm.id == session.get("alarm"):
            since = phrase("active-at", at=alarm.activeAt)
            notes = phrase("notes", notes=alarm.notes) if alarm.notes else ""
            return ask_key(joined(describe(alarm), since, notes, key_phrase("keys-all")))
    return back_to_menu(key_phrase("keys-all"))


def end():
    return goodbye(end_line())


# ---- the steps `ack`, `note` and `pin`


def ack():
    """Acknowledge what was asked for, or all that was heard; the gateway says whether that needs a PIN."""
    wanted = session.get("wanted")
    waiting = [alarm for alarm in open_alarms() if alarm.id in (wanted or [])]
    if not session.get("note") and any([alarm.noteRequired for alarm in waiting]):
        return ask_note()
    result = call.acknowledge(alarms=wanted, note=session.get("note") or "")
    if result.reason == "pin_required" and wanted and not waiting:
        became_of = news()
        if became_of:  # somebody was quicker, so nobody is asked for a PIN any more
            return go_on(became_of)
    return tell(result, "ack")


def ask_note():
    return question("note", phrase("ask-note"), timeout=8, num_digits=1)


def note():
    """Nothing is acknowledged without the note that its rule asks for, and the caller hears so."""
    if not session.get("wanted"):
        return begin()
    if Digits in NOTES:
        session["silent"] = 0
        session["note"] = phrase(NOTES[Digits])
        return ack()
    if not Digits:
        return nothing_entered(lambda: question("note", phrase("ask-note-again"), timeout=8, num_digits=1))
    return back_to_menu(phrase("no-note"))


def pin():
    purpose = session.get("pin_for", "hear" if pin_comes_first() else "ack")
    if not call.known and user is None:
        return user_and_pin()
    entered = Digits.split("*")[-1]  # star clears what was typed before it
    if not entered:
        return nothing_entered(lambda: ask_pin(purpose, phrase("enter-pin-again")))
    session["silent"] = 0
    if purpose == "ack":
        found = call.acknowledge(pin=entered, alarms=session.get("wanted"), note=session.get("note") or "")
        return tell(found, "ack")
    result = call.identify(entered)
    return AFTER_PIN[purpose]() if result.ok else tell(result, purpose)


def user_and_pin():
    """Somebody calls from a telephone of nobody's, and says who they are: user number, star, PIN."""
    number, star, entered = Digits.partition("*")
    if not number or not entered:
        return nothing_entered(lambda: ask_pin("hear", phrase("enter-user-and-pin-again")))
    session["silent"] = 0
    result = call.identify(entered, user=number)
    return hear() if result.ok else tell(result, "hear")


def hear():
    """The PIN was right: from the next turn on, `alarms` holds what this person may hear."""
    session["expects"] = "summary"
    turn = VoiceResponse()
    say(turn, phrase("thank-you"))
    turn.redirect(call.url("menu"))
    return turn


def tell(result, purpose):
    """Say what came of a request. Only a result that is ok is ever called acknowledged."""
    asked_for = session.get("wanted") or [alarm.id for alarm in told_alarms()]
    if result.ok:
        return acknowledged(result.alarms or asked_for, asked_for)
    if result.reason == "already_acknowledged":
        settle(asked_for)
        return go_on(already(result))
    if result.reason == "nothing_open":
        text = news() or phrase("nothing")
        settle(asked_for)
        return go_on(text)
    if result.reason == "pin_required":
        return ask_pin(purpose, phrase("enter-pin"))
    if result.reason == "wrong_pin":
        return wrong_pin(purpose)
    return stays_open(result, purpose)


def acknowledged(ids, asked_for):
    if not ids:  # only the gateway knows what that was about; the next turn tells what is left
        return interlude(phrase("acknowledged"))
    settle(ids)
    session["done"] = session.get("done", 0) + len(ids)
    late = [one for one in asked_for if one not in ids]
    text = phrase("acknowledged") if len(ids) == 1 else phrase("acknowledged-many", count=len(ids))
    return go_on(text, 0 if late else len(ids))


def already(result):
    if result.by and result.at:
        return phrase("already-by-at", by=result.by, at=result.at)
    return phrase("already-by", by=result.by) if result.by else phrase("already")


def wrong_pin(purpose):
    if count_up("wrong_pins") >= PIN_TRIES:
        return goodbye(phrase("wrong-pin-last"))
    if not call.known:
        return ask_pin(purpose, joined(phrase("wrong-user-or-pin"), phrase("enter-user-and-pin-again")))
    return ask_pin(purpose, joined(phrase("wrong-pin"), phrase("enter-pin-again")))


def stays_open(result, purpose):
    """Nothing was done; who may hear the alarms may go on listening."""
    if result.reason == "locked":
        if pin_comes_first():
            return goodbye(phrase("locked-out"))
        text = phrase("locked")
    elif result.reason == "not_allowed":
        if user is None:
            return goodbye(phrase("unknown-phone"))
        text = phrase("not-shelved" if purpose == "shelve" else "not-allowed")
    else:
        text = phrase("not-recorded")
    return back_to_menu(text)


# ---- the steps `pass`, `shelve` and `transfer`


def ask_to_pass():
    return question("pass", key_phrase("ask-to-pass"), timeout=8, num_digits=1)


def pass_on():
    if not Digits:
        return nothing_entered(ask_to_pass)
    return pass_now() if keys.get(Digits) == "pass" else back_to_menu()


def pass_now():
    result = call.passOn()
    return goodbye(phrase("passed")) if result.ok else tell(result, "pass")


def ask_to_shelve():
    return question("shelve", key_phrase("ask-to-shelve"), timeout=8, num_digits=1)


def shelve():
    if not Digits:
        return nothing_entered(ask_to_shelve)
    if Digits not in SHELVE_MINUTES:
        return back_to_menu()
    session["minutes"] = SHELVE_MINUTES[Digits]
    return shelve_now()


def shelve_now():
    """Shelve the alarm read last; where they were told by area, all that were told."""
    this = session.get("alarm")
    result = call.shelve(session["minutes"], alarms=None if this is None else [this])
    if not result.ok:
        return tell(result, "shelve")
    settle(result.alarms or [alarm.id for alarm in told_alarms()])
    return go_on(phrase("shelved", count=session["minutes"]))


def talk():
    """Connect the caller to the lead on call, who must press a key: a voicemail box cannot."""
    lead = call.lead() if count_up("talks") <= TALKS else None
    if lead is None:
        return back_to_menu(phrase("no-lead"))
    session["accepted"] = False
    turn = VoiceResponse()
    say(turn, phrase("calling-lead", name=lead.name))
    dial = turn.dial(action=call.url("transfer", part="over"), timeout=RING_SECONDS, answer_on_bridge=True)
    dial.number(lead.number, url=call.url("transfer", part="offer"))
    return turn


def transfer():
    part = params.get("part", "")
    turn = VoiceResponse()
    if part == "offer":
        offer = turn.gather(input="dtmf", num_digits=1, timeout=8, action=call.url("transfer", part="accept"))
        say(offer, phrase("offer", site=call.site, person=user.name if user is not None else ""))
        turn.hangup()
    elif part == "accept":
        session["accepted"] = Digits == "1"
        if Digits != "1":
            turn.hangup()  # ends the lead's leg alone; an empty document connects the two
    elif part == "over":
        return back_to_menu("" if session.get("accepted") else phrase("lead-not-reached"))
    elif pin_comes_first():
        return menu()
    else:
        return talk()
    return turn


# ---- the step `voicemail`


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
    "end": end,
}
AFTER_PIN = {"hear": hear, "pass": pass_now, "shelve": shelve_now}
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
    "voicemail": voicemail,
}

# An action that has no step here begins the call anew, so that no caller is ever left with silence.
response = STEPS.get(callAction, begin)()

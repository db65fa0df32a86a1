# Acknowledging: the steps `ack` and `note`, and what is said of each result. Only a result that is ok is ever
# called acknowledged.

from _default_alarms import count_up, open_alarms, settle, to_acknowledge, told_alarms
from _default_greeting import begin
from _default_keys import is_only_heard
from _default_reading import back_to_menu, stray_key
from _default_turns import ask_pin, go_on, goodbye, hear, interlude, nothing_entered, pin_comes_first, question
from _default_words import end_line, joined, news

NOTES = {"1": "note-on-my-way", "2": "note-fixed-remotely", "3": "note-false-alarm", "4": "note-need-help"}
NOT_ALLOWED = {"shelve": "not-shelved", "raise": "not-raised"}
NOT_DONE = {"pass": "not-passed", "raise": "raise-not-recorded"}
PIN_TRIES = 3


def acknowledge_this():
    if is_only_heard():
        return go_on(phrase("needs-none"))
    return stray_key() if session.get("alarm") is None else acknowledge([session["alarm"]])


def acknowledge_told():
    wanted = [alarm.id for alarm in to_acknowledge()]
    if wanted:
        return acknowledge(wanted)
    return go_on(phrase("needs-none") if told_alarms() else "")


def acknowledge(wanted):
    """Leave it to a turn of its own, so that a project's script can take the place of that step alone."""
    session["wanted"] = wanted
    session["note"] = ""
    turn = VoiceResponse()
    turn.redirect(call.url("ack"))
    return turn


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


# ---- what came of it


def tell(result, purpose):
    """Say what came of a request. Only a result that is ok is ever called acknowledged."""
    asked_for = session.get("wanted") or [alarm.id for alarm in told_alarms()]
    if result.ok:
        return acknowledged(result.alarms or asked_for, asked_for, result.moreNeeded)
    if result.changed:
        # That is told first, so that the same key acknowledges it; what the PIN has opened, from the next turn on.
        return back_to_menu() if open_alarms() else hear()
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


def acknowledged(ids, asked_for, more=0):
    if not ids:  # only the gateway knows what that was about; the next turn tells what is left
        return interlude(phrase("acknowledged"))
    settle(ids)
    session["done"] = session.get("done", 0) + len(ids)
    late = [one for one in asked_for if one not in ids]
    text = phrase("acknowledged") if len(ids) == 1 else phrase("acknowledged-many", count=len(ids))
    return go_on(joined(text, phrase("more-needed", count=more) if more else ""), 0 if late else len(ids))


def already(result):
    if result.by and result.at:
        return phrase("already-by-at", by=result.by, at=result.at)
    return phrase("already-by", by=result.by) if result.by else phrase("already")


def wrong_pin(purpose):
    if count_up("wrong_pins") >= PIN_TRIES:
        return goodbye(phrase("wrong-pin"), end_line()) if session.get("done") else goodbye(phrase("wrong-pin-last"))
    if not call.known:
        return ask_pin(purpose, joined(phrase("wrong-user-or-pin"), phrase("enter-user-and-pin-again")))
    return ask_pin(purpose, joined(phrase("wrong-pin"), phrase("enter-pin-again")))


def stays_open(result, purpose):
    """Nothing was done; who may hear the alarms may go on listening."""
    if result.reason == "locked":
        if pin_comes_first():
            return goodbye(phrase("locked-out"))
        text = phrase("raise-locked" if purpose == "raise" else "locked")
    elif result.reason == "not_allowed":
        if user is None:
            return goodbye(phrase("unknown-phone"))
        text = phrase(NOT_ALLOWED.get(purpose, "not-allowed"))
    else:
        text = phrase(NOT_DONE.get(purpose, "not-recorded"))
    return back_to_menu(text)

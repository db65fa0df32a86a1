# How a call begins: the steps `answer` and `inbound`, and how things stand once a PIN was right.

from _default_alarms import count_alarms, open_alarms
from _default_turns import ask_pin, interlude, is_inbound, nothing_to_hear, pin_comes_first, who_is_it
from _default_words import joined, summary


def begin():
    return inbound() if is_inbound() else answer()


def answer():
    if user is None:
        return inbound()
    return greet(phrase("calling-by-name", site=call.site, person=user.name))


def inbound():
    return greet(phrase("calling", site=call.site))


def greet(text):
    opening = VoiceResponse()
    opening.pause(length=1)
    if pin_comes_first():
        return ask_pin("hear", joined(text, who_is_it()), opening)
    if not open_alarms():
        return nothing_to_hear(taken(), before=text)
    count_alarms()
    return interlude(joined(text, summary()), opening)


def status():
    """The PIN was right: how things stand, before the alarms are read."""
    if not open_alarms():
        return nothing_to_hear(taken())
    count_alarms()
    return interlude(joined(summary(), taken() if is_inbound() else ""))


def taken():
    """What somebody else looks after: who finds nothing else to hear still learns what the call is about."""
    found = [one for one in alarms if one.ackedBy and "Unacknowledged" not in one.state]
    if not found:
        return ""
    return phrase("status-taken", count=len(found), name=found[0].spoken.name, by=found[0].ackedBy)

# How a call begins: the steps `answer` and `inbound`.

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
        return nothing_to_hear(before=text)
    count_alarms()
    return interlude(joined(text, summary()), opening)

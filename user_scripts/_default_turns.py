# The shapes of a turn: each function returns the TwiML of one, a question with what happens where nobody
# answers it, or the end of the call.

from _default_alarms import count_up, new_alarms, new_critical, open_alarms, waiting_alarms
from _default_keys import key_phrase, raising_key
from _default_words import end_line, joined, news, say, still_open

proved = []  # whether this turn has found a right PIN; `call.pin` is what held when it began
PROMPTS = 3  # how often a question is asked before the call ends


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


def nothing_entered(ask_again):
    """Ask twice more, then end the call; what is not acknowledged stays open."""
    if count_up("silent") < PROMPTS:
        return ask_again()
    return goodbye(phrase("no-entry"), end_line() if session.get("done") else "")


def go_on(text, settled=0):
    """After something was done: the next alarm where one is open, else the end of the call."""
    waiting = waiting_alarms()
    if not waiting:
        if call.pin == "to-hear" and user is not None:
            return hear(text) if proved else ask_pin("hear", joined(text, phrase("more-behind-pin")))
        return goodbye(text, end_line(settled))
    fresh = new_alarms()
    if fresh and len(fresh) == len(waiting) and not new_critical():
        session["expects"] = "new"
        text = joined(text, key_phrase("new-alarms", count=len(fresh)))
        return question("menu", text, timeout=4, num_digits=1)
    return interlude(joined(text, still_open()))


def nothing_to_hear(text="", before=""):
    """Nothing waited when the call began; somebody who calls in may have something to report."""
    told = joined(before, phrase("nothing"), text)
    return ask_key(joined(told, raising_key())) if call.raises else goodbye(told)


def nothing_left(text=""):
    if call.pin == "to-hear" and user is not None:
        return hear(text) if proved else ask_pin("hear", joined(text, phrase("more-behind-pin")))
    return goodbye(text or news() or phrase("nothing"), end_line() if session.get("done") else "")


# ---- who is on the line


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


def hear(text=""):
    """The PIN was right: from the next turn on, `alarms` holds what this person may hear."""
    session["expects"] = "summary"
    turn = VoiceResponse()
    say(turn, joined(text, phrase("thank-you")))
    turn.redirect(call.url("menu"))
    return turn

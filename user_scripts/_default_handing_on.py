# Handing an alarm on: to the next person, to a later hour, to the lead on call. The steps `pass`, `shelve` and
# `transfer`.

from _default_acknowledging import tell
from _default_alarms import count_up, settle, told_alarms
from _default_keys import key_for, key_phrase, keys
from _default_reading import back_to_menu
from _default_turns import ask_pin, go_on, goodbye, nothing_entered, pin_comes_first, question, who_is_it
from _default_words import say

SHELVE_MINUTES = {"1": 15, "2": 60, "3": 240}
TALKS = 3
RING_SECONDS = 20


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
    # 1, 2 and 3 are durations here, whatever they mean in the menu.
    text = phrase("ask-to-shelve", **{**key_for, "back": phrase("star")})
    return question("shelve", text, timeout=8, num_digits=1)


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
        return ask_pin("hear", who_is_it())
    else:
        return talk()
    return turn

# Raising an alarm by telephone: the step `raise`, for who calls in where the voice profile allows it.

from _default_acknowledging import tell
from _default_alarms import remembered
from _default_keys import key_phrase, keys
from _default_reading import back_to_menu, stray_key
from _default_turns import ask_pin, go_on, nothing_entered, pin_comes_first, question, who_is_it
from _default_words import became, joined


def ask_to_raise():
    if not call.raises:
        return stray_key()
    return question("raise", key_phrase("ask-to-raise", alarm=call.raises), timeout=8, num_digits=1)


def raise_alarm():
    if pin_comes_first():
        return ask_pin("hear", who_is_it())
    if not Digits:
        return nothing_entered(ask_to_raise)
    session["silent"] = 0
    return raise_now() if keys.get(Digits) == "raise" else back_to_menu()


def raise_now():
    """Raise it, and say whether the people on call are told of it now."""
    result = call.raiseAlarm()
    if not result.ok and result.reason != "already_raised":
        return tell(result, "raise")
    session["read"] = remembered("read") + list(result.alarms)
    for alarm in call.standing(result.alarms):
        if alarm.state in ("shelved", "suppressed", "out of service"):
            return go_on(joined(phrase("raised-in-vain"), became(alarm)))
    return go_on(phrase("raised" if result.ok else "raised-already"))

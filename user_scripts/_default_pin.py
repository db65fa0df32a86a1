# Who is on the line: the step `pin`, and what goes on once the PIN was right.

from _default_acknowledging import tell
from _default_handing_on import pass_now, shelve_now
from _default_raising import raise_now
from _default_turns import ask_pin, hear, nothing_entered, pin_comes_first, proved


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
        if found.reason not in ("wrong_pin", "locked", "not_recorded"):
            proved.append(True)
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


AFTER_PIN = {"hear": hear, "pass": pass_now, "raise": raise_now, "shelve": shelve_now}

"""What the voice tells a caller to press does that and nothing else, and what it says of an alarm is so."""

from __future__ import annotations

import re
from typing import Any

import pytest
from tests.default_script.phone import Phone, Plant, alarm

PUMP, OIL, GAS = "Pump 2 high level", "Gearbox low oil", "Gas detected"
SUB_QUESTIONS = {"ignition": {"pass": "5", "shelve": "7", "raise": "6"}, "pagerduty": {"pass": "5", "shelve": "7", "raise": "3"}}  # fmt: skip
URL = "https://alarms.example.com/main/system/twilio-voice/{action}/c1?turn=9#rc=2&rp=all"
STEPS = [
    "answer",
    "inbound",
    "menu",
    "ack",
    "note",
    "pin",
    "pass",
    "shelve",
    "transfer",
    "raise",
    "voicemail",
]


def called(plant: Plant, **facts: Any) -> Phone:
    """Bring a call to the point where its first alarm has been read out."""
    return Phone(plant, **facts).answers().stays_silent()


def goes_on(phone: Phone) -> Phone:
    """Wait until something is asked."""
    while "Gather" not in phone.verbs():
        phone.stays_silent()
    return phone


def keys_named(sentence: str) -> list[str]:
    """Give the keys that a question offers, in its order."""
    return re.findall(r"(?:Press|press|,|or) (\d|star)\b(?! hour)", sentence)


@pytest.mark.parametrize("question", ["pass", "shelve", "raise"])
@pytest.mark.parametrize("digits", ["ignition", "pagerduty"])
def test_the_key_that_goes_back_means_nothing_else(digits, question):
    """Whatever the preset: no key is offered for two things, and going back changes nothing at the plant."""
    plant = Plant([alarm(PUMP)], pin_policy="none")
    maria = called(plant, digits=digits, raises="Evacuate").presses(SUB_QUESTIONS[digits][question])
    offered = keys_named(maria.transcript[-1])
    assert len(offered) >= 2
    assert len(set(offered)) == len(offered)
    maria.presses(offered[-1].replace("star", "*"))
    assert maria.hears("to acknowledge")
    assert (plant.shelved, plant.passed, plant.acknowledged) == ([], 0, {})


def test_three_wrong_pins_take_back_nothing_that_was_acknowledged():
    """The last words of the call count what was acknowledged before."""
    urgent, other = alarm(GAS, priority="Critical"), alarm(PUMP)
    plant = Plant([urgent, other])
    needs_pin = plant.call_acknowledge
    plant.call_acknowledge = lambda pin, ids, note, hears: (  # type: ignore[method-assign]
        without_pin(plant)(pin, ids, note, hears)
        if ids == [urgent["id"]]
        else needs_pin(pin, ids, note, hears)
    )
    maria = goes_on(called(plant).presses("1"))
    assert maria.heard_so_far("Acknowledged. 1 alarm is still open.")
    maria.stays_silent().presses("1").presses("1111#").presses("2222#").presses("3333#")
    assert maria.hears("That PIN was not recognised. 1 acknowledged, 1 still open. Goodbye.")
    assert list(plant.acknowledged) == [urgent["id"]]


def without_pin(plant: Plant):
    """Acknowledge without a PIN, as for a priority that needs none."""

    def done(_pin, ids, _note, _hears):
        for facts in plant.alarms:
            if facts["id"] in ids:
                plant.acknowledged[facts["id"]] = "maria"
                facts["state"] = facts["state"].replace("Unacknowledged", "Acknowledged")
        return {"reason": "ok", "alarms": ids}

    return done


def test_a_pin_that_was_right_is_not_asked_for_again():
    """The one that acknowledges opens what was hidden, too."""
    urgent, other = alarm(GAS, priority="Critical"), alarm(PUMP)
    plant = Plant([other, urgent], pin_policy="to-hear")
    plant.audible = lambda: [other] if plant.identified is None else [urgent, other]  # type: ignore[method-assign]
    maria = called(plant).presses("1").presses("4711#")
    assert maria.heard_so_far("Acknowledged. Thank you.")
    goes_on(maria)
    assert not maria.heard_so_far("There is more")
    maria.stays_silent()
    assert maria.hears(GAS)


def test_all_of_what_somebody_else_has_taken_goes_on_with_the_next_alarm():
    """No PIN is asked for where there is nothing left to acknowledge with it."""
    first, second = alarm(PUMP), alarm(OIL)
    plant = Plant([first, second])
    maria = called(plant)
    plant.someone_else_acknowledges(first)
    maria.presses("2")
    assert maria.hears("Pump 2 high level was already acknowledged by Jon Berg", "1 alarm is still open.")
    assert not maria.heard_so_far("your PIN")
    assert maria.stays_silent().hears(OIL)


@pytest.mark.parametrize("direction", ["outbound", "inbound"])
@pytest.mark.parametrize("step", STEPS)
def test_every_step_answers_without_a_key_and_as_the_first_of_a_call(step, direction):
    """A project's script may lead anywhere: the default then asks something, reads, or says goodbye."""
    maria = Phone(Plant([alarm(PUMP)]), direction=direction).answers(step)
    assert {"Gather", "Hangup", "Dial"} & set(maria.verbs())


def test_raising_that_the_profile_no_longer_offers_goes_back_to_the_menu():
    """Its question still waits while the profile changes."""
    maria = called(Plant([alarm(PUMP)]))
    assert maria.goes_to(URL.format(action="raise")).hears("Press 1 to acknowledge")


def test_what_could_not_be_passed_on_is_not_said_to_be_a_matter_of_recording():
    """Mostly nobody else is there; whatever it was, the alarm stays with this caller."""
    plant = Plant([alarm(PUMP)])
    plant.call_passOn = lambda: {"reason": "not_recorded"}  # type: ignore[method-assign]
    maria = called(plant).presses("5").presses("5")
    assert maria.hears("It could not be passed on. The alarm stays with you. Press 1 to acknowledge")
    assert not maria.hears("recorded")

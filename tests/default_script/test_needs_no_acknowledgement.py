"""An alarm that needs no acknowledgement is told like any other: whoever is rung for it hears what is wrong."""

from __future__ import annotations

from typing import Any

import pytest
from tests.default_script.phone import Phone, Plant, alarm

PUMP, GATE, DOOR = "Pump 2 high level", "Gate open", "Door open"
TO_HEAR = "No acknowledgement is needed. Press 3 to repeat, 5 to pass it on, 9 to end."


def needs_none(name: str, **facts: Any) -> dict[str, Any]:
    """An alarm whose rule asks nobody to acknowledge it."""
    return alarm(name, **facts) | {"ackMode": "Unused", "state": "Active, Acknowledged"}


def called(plant: Plant, **facts: Any) -> Phone:
    """Bring a call to the point where its first alarm has been read out."""
    return Phone(plant, **facts).answers().stays_silent()


def test_it_is_read_and_nothing_is_asked_for():
    """No acknowledgement is offered, and any key that ends the call proves that a person heard it."""
    plant = Plant([needs_none(GATE)])
    maria = called(plant)
    assert maria.hears("Gate open. Value 93. 4 minutes ago.", TO_HEAR)
    assert not maria.hears("Press 1")
    maria.presses("9")
    assert maria.hears("Goodbye.")
    assert not maria.heard_so_far("nothing to acknowledge")
    assert not maria.hears("open")
    assert plant.heard == ["id-of-gate-open"]


def test_it_can_be_heard_again():
    """As often as the caller likes, though it has been heard."""
    maria = called(Plant([needs_none(GATE)])).presses("3")
    assert maria.hears(GATE, TO_HEAR)
    assert maria.presses("4").hears(GATE)
    assert maria.presses("8").hears("Active since 3:10 AM. Press 3 to repeat", "7 to shelve")
    assert maria.stays_silent().hears("Press 3 to repeat")


def test_the_key_that_acknowledges_others_asks_for_no_pin():
    """It says once more that nothing is needed, and ends."""
    plant = Plant([needs_none(GATE)])
    assert called(plant).presses("1").hears("No acknowledgement is needed. Goodbye.")
    assert called(plant).presses("2").hears("No acknowledgement is needed. Goodbye.")
    assert plant.acknowledged == {}


def test_beside_others_it_is_read_and_they_are_acknowledged():
    """Acknowledging all is about those that want it."""
    plant = Plant([alarm(PUMP), needs_none(GATE)], pin_policy="none")
    maria = called(plant)
    assert maria.hears(PUMP, "Press 1 to acknowledge, 4 for the next")
    maria.stays_silent()
    assert maria.hears("Gate open", "Press 2 to acknowledge all others that you have heard, 3 to repeat")
    assert maria.presses("2").hears("Acknowledged. Goodbye.")
    assert list(plant.acknowledged) == ["id-of-pump-2-high-level"]


def test_it_is_read_after_the_others_were_acknowledged():
    """Nobody is let go before it was told."""
    maria = called(Plant([alarm(PUMP), needs_none(GATE)], pin_policy="none")).presses("1")
    assert maria.hears("Acknowledged. 1 alarm is still open.")
    assert maria.stays_silent().hears(GATE, TO_HEAR)
    assert maria.presses("9").hears("1 acknowledged in this call, none open. Goodbye.")


def test_where_it_comes_first_the_next_is_offered():
    """The order is that of urgency."""
    maria = called(Plant([needs_none(GATE, priority="Critical"), alarm(PUMP)]))
    assert maria.hears(GATE, "No acknowledgement is needed. Press 4 for the next.")
    assert maria.presses("4").hears(PUMP, "Press 1 to acknowledge this alarm, 2 for all that you have heard")


def test_many_are_told_by_area_and_can_be_heard_one_by_one():
    """Where none of them needs one, no acknowledgement is offered."""
    maria = called(Plant([needs_none(f"Gate {number}") for number in range(7)]))
    assert maria.hears("Plant: 7", "Press 4 to hear them one by one, 3 to repeat")
    assert not maria.hears("acknowledge all")
    assert maria.presses("4").hears("Gate 0")


def test_once_it_has_returned_to_normal_nothing_is_left():
    """It waits for nobody then."""
    gate = needs_none(GATE)
    plant = Plant([gate])
    maria = called(plant)
    plant.goes(gate, "normal")
    assert maria.stays_silent().hears("There is nothing to acknowledge. Goodbye.")


def test_shelving_it_is_about_it_alone():
    """It is an alarm like any other there."""
    plant = Plant([needs_none(GATE)], pin_policy="none")
    assert called(plant).presses("7").presses("2").hears("Shelved for 60 minutes. Goodbye.")
    assert plant.shelved == [("id-of-gate-open", 60)]


@pytest.mark.parametrize("pin_policy", ["to-acknowledge", "to-hear"])
def test_who_calls_in_hears_it_and_nobody_is_said_to_look_after_it(pin_policy):
    """Behind the PIN, as everything is told to who calls in."""
    plant = Plant([needs_none(GATE)], called=None, pin_policy=pin_policy)
    maria = Phone(plant, direction="inbound").answers("inbound").presses("4711#")
    assert maria.hears("1 alarm, priority high.")
    assert not maria.hears("taken care of")
    assert maria.stays_silent().hears(GATE, "No acknowledgement is needed.")


def test_a_call_about_an_alarm_that_somebody_has_taken_says_which_and_who():
    """A pipeline may go on after an acknowledgement; the person it rings learns what it rang for."""
    gate, door = alarm(GATE), alarm(DOOR)
    plant = Plant([gate, door])
    plant.someone_else_acknowledges(gate)
    plant.someone_else_acknowledges(door)
    jon = Phone(plant).answers()
    assert jon.hears(
        "There is nothing to acknowledge. 2 alarms are taken care of and still active, the worst is Gate open, by Jon Berg."
    )

"""Which alarms a call may read out, and which an acknowledgement means: decided from values alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.alarms import Episode, Telling
from tocsin.calls.policy import audible, pin_policy, strictest, target

PRIORITIES = ["Critical", "High", "Medium", "Low", "Diagnostic"]
POLICIES = ["none", "to-acknowledge", "to-hear"]
pins = st.dictionaries(st.sampled_from([*PRIORITIES, "default"]), st.sampled_from(POLICIES))


def alarm(id_, priority="High", **more):
    return Episode(id=id_, path=f"Plant/{id_}", name=id_, priority=priority, active_ms=0, **more)


def heard(*episodes):
    return {one.id: Telling.of(one) for one in episodes}


PUMP, DAM, DOOR = alarm("pump"), alarm("dam", "Critical"), alarm("door", "Low")
OPEN = [PUMP, DAM, DOOR]


@pytest.mark.parametrize(
    ("pin", "policy"),
    [
        ({}, "to-acknowledge"),
        ({"default": "none"}, "none"),
        ({"default": "none", "High": "to-hear"}, "to-hear"),
        ({"High": "sometimes"}, "to-acknowledge"),
    ],
)
def test_a_priority_without_a_word_of_its_own_has_the_defaults(pin, policy):
    """And a word that means nothing never opens anything."""
    assert pin_policy(pin, "High") == policy


@given(pins, st.lists(st.sampled_from(PRIORITIES), min_size=1))
def test_of_several_alarms_the_strictest_policy_holds(pin, priorities):
    """One alarm that may not be heard without a PIN is enough; without alarms the default's holds."""
    found = strictest(pin, priorities)
    assert found in {pin_policy(pin, one) for one in priorities}
    assert all(POLICIES.index(found) >= POLICIES.index(pin_policy(pin, one)) for one in priorities)
    assert strictest(pin, []) == pin.get("default", "to-acknowledge")


def test_what_needs_a_pin_to_be_heard_waits_for_it():
    """Whoever has given the PIN hears all; before that the rest."""
    pin = {"default": "none", "Critical": "to-hear"}
    assert audible(OPEN, pin, identified=False) == [PUMP, DOOR]
    assert audible(OPEN, pin, identified=True) == OPEN


def test_all_means_what_was_heard():
    """An alarm that nobody read out is not acknowledged along with the others."""
    found = target(OPEN, asked=None, heard=heard(PUMP, DOOR), uses_heard=True)
    assert (found.episodes, found.reason) == ((PUMP, DOOR), "ok")


def test_all_means_all_where_scripts_do_not_tell_what_they_read():
    """A script of one line that says `call.acknowledge()` acknowledges what is open."""
    assert target(OPEN, asked=None, heard={}, uses_heard=False).episodes == tuple(OPEN)


def test_one_that_is_asked_for_needs_not_to_have_been_heard():
    """The script named it; one that is not open any more is left out."""
    assert target(OPEN, asked=["dam", "gone"], heard={}, uses_heard=True).episodes == (DAM,)


@pytest.mark.parametrize("asked", [None, ["gone"], []])
def test_nothing_open_is_said(asked):
    """Nothing was heard, or nothing that was asked for is there: no alarm, and the reason."""
    found = target(OPEN, asked=asked, heard={}, uses_heard=True)
    assert (found.episodes, found.reason, found.changed) == ((), "nothing_open", ())


@pytest.mark.parametrize("asked", [None, ["pump", "dam"]])
def test_what_changed_since_it_was_heard_is_not_acknowledged_but_named(asked):
    """The caller answered to another state of it; the others are acknowledged all the same."""
    told = heard(PUMP, DAM)
    again = alarm("pump", ack_version=PUMP.ack_version + 1)

    found = target([again, DAM, DOOR], asked=asked, heard=told, uses_heard=True)

    assert (found.episodes, found.changed) == ((DAM,), ("pump",))

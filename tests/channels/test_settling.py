"""What becomes of each alarm that a call was placed for."""

from __future__ import annotations

from dataclasses import replace

from tocsin.channels.settling import Carried, Over, fates

TALK = Over("acked", told=True, number="+46", profile="phone", started_ms=1000, people={"maria"})
SILENCE = replace(TALK, outcome="no-answer", told=False)
NOTICE = Carried(1, "run", "episode", "phone", "+46")


def outcomes(over, *carried):
    return [one.outcome for one in fates(carried, over)]


def test_acknowledged_heard_and_unheard_go_different_ways():
    """Of three alarms one was acknowledged, one heard, and for the third there was no time."""
    acked = replace(NOTICE, acked_ms=2000, acked_by="maria", heard_ms=1500)
    heard, unheard = replace(NOTICE, id=2, heard_ms=1500), replace(NOTICE, id=3)
    assert outcomes(TALK, acked, heard, unheard) == ["acked", "notified-no-ack", ""]
    assert fates([acked, heard, unheard], TALK)[2].rest


def test_where_scripts_do_not_tell_what_they_read_out_all_count_as_told():
    """Otherwise a person who was told would be rung again for ever."""
    assert outcomes(replace(TALK, outcome="notified-no-ack"), NOTICE) == ["notified-no-ack"]


def test_a_passed_call_passes_what_was_heard():
    """The next person is told of it, not the same one again."""
    assert outcomes(replace(TALK, outcome="passed"), replace(NOTICE, heard_ms=1)) == ["passed"]


def test_hearing_without_proof_of_a_person_is_not_being_told():
    """A mailbox hears patiently too."""
    assert outcomes(replace(SILENCE, outcome="hung-up"), replace(NOTICE, heard_ms=1)) == ["hung-up"]


def test_what_others_acknowledged_meanwhile_is_cancelled():
    """The record says by which of the two it became needless."""
    for why in ("cancelled-by-ack", "cancelled-by-clear"):
        assert outcomes(SILENCE, replace(NOTICE, acked_ms=2000, acked_by="jon", why=why)) == [why]


def test_what_its_run_has_not_taken_back_is_told_although_it_is_acknowledged():
    """One that needs no acknowledgement is so from birth; other pipelines go on, or tell who took it over."""
    assert outcomes(SILENCE, replace(NOTICE, acked_ms=1, acked_by=None)) == ["no-answer"]
    assert outcomes(SILENCE, replace(NOTICE, acked_ms=2000, acked_by="jon")) == ["no-answer"]


def test_a_call_that_was_cancelled_for_others_leaves_the_rest_to_be_told():
    """An alarm that came to the call at its last moment is not lost with it."""
    assert outcomes(replace(SILENCE, outcome="cancelled-by-ack"), NOTICE) == [""]


def test_another_telephone_was_not_tried_by_this_call():
    """Nobody answered at the first number; what was to go to the second still goes there."""
    other = replace(NOTICE, id=2, number="+47")
    assert outcomes(SILENCE, NOTICE, other) == ["no-answer", ""]
    assert outcomes(replace(SILENCE, outcome="failed-provider"), replace(NOTICE, profile="backup")) == [""]

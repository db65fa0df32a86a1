"""One alarm played through without telling anybody: who would be told, how, when and why."""

from __future__ import annotations

import pytest
from tests.pipelines.tale import EVA, JON, MARIA, MARIA_HOME, START, alarm, crew, person, two

from tocsin.pipelines.outcomes import Outcomes
from tocsin.pipelines.plan import BUILT_IN, Delay, Jump, Notification, Plan, Script
from tocsin.pipelines.routing import Named
from tocsin.pipelines.simulating.endings import OutcomeUnknown, read_choices
from tocsin.pipelines.simulating.simulation import simulate
from tocsin.pipelines.world import Reach

HOUR = 3_600_000
ONE_ROUND = Plan((Notification("operations"),))


def played(directory, *outcomes, plan=ONE_ROUND, priority="High", hours=24, ackers=1, **more):
    reach = Reach(directory, "Europe/Stockholm", ("phone",), ("text",), Outcomes())
    chosen = read_choices(outcomes, people=list(directory.users))
    active = more.pop("active", None) or alarm(priority, ackers_needed=ackers)
    return simulate(plan, active, reach.at, chosen, START, START + hours * HOUR, **more)


def told(simulated):
    """Give who is told how after how many seconds, and how the end is."""
    return [
        (one.kind, one.person, (one.at_ms - START) // 1000)
        for one in simulated.steps
        if one.kind in {"call", "text", "acknowledged", "last-resort", "passed-on"}
    ]


def test_everybody_misses_and_the_last_resort_is_called():
    """The whole escalation is seen: each call, its text, its repetition, the next person."""
    found = played(two(), once=True)

    assert told(found) == [
        ("call", "maria", 0), ("text", "maria", 25), ("call", "maria", 60), ("call", "jon", 85),
        ("text", "jon", 110), ("call", "jon", 145), ("last-resort", "", 170),
    ]  # fmt: skip
    assert found.steps[-1].why == (
        "nobody could be reached; the last resort is called, and the pipeline begins anew in 1 h"
    )


def test_an_acknowledgement_ends_it():
    """Who acknowledges ends the run; nothing that was still to come happens."""
    found = played(two(), "maria=busy", "jon=acked")

    assert [one.person for one in found.steps if one.kind == "call"] == ["maria", "maria", "maria", "jon"]
    assert found.ended == "acknowledged by jon"
    assert found.steps[-1].outcome == "acked"


def test_what_needs_no_acknowledgement_ends_with_whoever_hears_it():
    """There is nothing to acknowledge, whatever is said of how the call ends."""
    active = alarm(ack_mode="Unused", acked_ms=START, acked_via="unused")
    found = played(two(), "maria=acked", active=active)

    assert told(found) == [("call", "maria", 0)]
    assert found.ended == "needs no acknowledgement, and was heard by maria"


def test_the_second_call_may_end_otherwise():
    """Outcomes are taken one by one, and the last stands for all that follow."""
    found = played(two(), "maria=no-answer,acked")

    assert found.ended == "acknowledged by maria"
    assert [one.person for one in found.steps if one.kind == "call"] == ["maria", "maria"]


def test_passing_on_tells_the_next_person_while_the_call_lasts():
    """And where there is nobody else, the last resort is called."""
    both = played(two(), "maria=passed", hours=1)
    alone = played(crew(person("maria", MARIA)), "maria=passed", hours=1)

    assert told(both)[:3] == [("call", "maria", 0), ("passed-on", "maria", 40), ("call", "jon", 40)]
    assert told(alone)[:3] == [("call", "maria", 0), ("passed-on", "maria", 40), ("last-resort", "", 40)]


def test_whoever_is_left_out_is_named_with_the_reason():
    """By areas, and for want of a contact."""
    directory = crew(
        person("maria", MARIA, areas=("Plant/Dam",)), person("eva", EVA, ("email", "eva@example.com")),
        person("jon", JON),
    )  # fmt: skip
    found = played(directory, "jon=acked")

    assert [(one.person, one.why) for one in found.steps if one.kind == "left-out"] == [
        ("maria", "Plant/Pump 2/High level is in none of their areas"),
        ("eva", "has no contact that these profiles can reach"),
    ]
    assert told(found)[0] == ("call", "jon", 0)


def test_nobody_on_call_is_the_last_resort_at_once():
    """A roster without people tells so in the first second."""
    found = played(crew(), once=True)

    assert [one.kind for one in found.steps] == ["begins", "nobody-on-call", "last-resort"]
    assert found.last_resort_ms == START


def test_a_number_that_failed_is_left_out():
    """For ten minutes the person's other number is called; whoever looks after the system hears of it."""
    plan = Plan((Notification("operations", id="first"), Delay(60_000), Jump(0, 1)))
    two_numbers = person("maria", MARIA, ("phone", MARIA), ("phone", MARIA_HOME))
    found = played(crew(two_numbers), "maria=failed-number", plan=plan, once=True)

    calls = [one.number for one in found.steps if one.kind == "call"]
    assert calls[:2] == [MARIA, MARIA_HOME]
    assert "admin" in {one.kind for one in found.steps}


def test_it_goes_on_for_as_long_as_one_looks():
    """A day of the built-in pipeline begins anew every hour, and takes no time to speak of."""
    found = played(two(), plan=BUILT_IN)

    resorts = [one for one in found.steps if one.kind == "last-resort"]
    assert len(resorts) == 16
    assert found.ended == ""


def test_reasons_stand_beside_what_happens():
    """Each call says what asked for it."""
    found = played(two(), "maria=voicemail", "jon=acked")

    why = {(one.kind, one.person): one.why for one in found.steps}
    assert why["call", "maria"] == "first in turn"
    assert why["call", "jon"] == "maria: voicemail"
    assert why["text", "maria"] == "voicemail; texted at the first miss"


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("maria", "write it as maria=no-answer"),
        ("eva=acked", 'there is no user "eva"'),
        ("maria=asleep", "known are: acked"),
    ],
)
def test_what_is_no_outcome_is_refused(word, said):
    """With how to write one."""
    with pytest.raises(OutcomeUnknown, match=said):
        read_choices([word], people=["maria"])


def test_a_script_that_nobody_runs_has_no_answer():
    """It says so, and goes on as if the script had failed."""
    plan = Plan((Script("who.py", id="who"), Notification("operations")))
    found = played(two(), "maria=acked", plan=plan)

    why = "who.py has no answer: nothing here runs it, and no answer was stated"
    assert [(one.kind, one.why, one.block) for one in found.steps[1:2]] == [("script", why, "who")]
    assert found.ended == "acknowledged by maria"
    assert "admin" not in {one.kind for one in found.steps}


def test_several_must_acknowledge():
    """The first of them ends nothing; the second does."""
    plan = Plan((Notification("operations", at_once=True, must_acknowledge=2),))
    found = played(two(), "maria=acked", "jon=acked", plan=plan, ackers=2)

    assert [(one.person, one.why) for one in found.steps if one.kind == "acknowledged"] == [
        ("jon", "1 more must acknowledge"), ("maria", ""),
    ]  # fmt: skip
    assert found.ended == "acknowledged by jon and maria"


def test_whoever_is_to_know_is_told_of_the_acknowledgement():
    """By the pipeline that the alarm names for it, one text a second; nothing is expected of them."""
    told_of = Plan((Notification("operations", profiles=("text",)),))
    found = played(two(), "maria=acked", hooks=lambda alarm, hook: Named("told", "told", told_of))

    assert [one.person for one in found.steps if one.kind == "text"] == ["jon", "maria"]
    assert {run.id: run.state for run in found.runs} == {"e1.active": "ended", "e1.ack": "ended"}


def test_the_last_of_a_roster_is_named_as_left_out_too():
    """Although nobody comes after them; once, however often the pipeline goes round."""
    directory = crew(person("maria", MARIA), person("jon", JON, areas=("Plant/Dam",)))
    found = played(directory, plan=Plan((Notification("operations"), Delay(60_000), Jump(0, 2))), once=True)

    assert [(one.person, one.why) for one in found.steps if one.kind == "left-out"] == [
        ("jon", "Plant/Pump 2/High level is in none of their areas")
    ]

"""Rate gates and consolidation as pure arithmetic: never more than so many, never sooner than so, none lost."""

import itertools

from hypothesis import given
from hypothesis import strategies as st
from tests.pipelines.tale import START, Tale

from tocsin.pipelines.blocks.gating import free_at, release
from tocsin.pipelines.plan import Notification, Plan, RateGate
from tocsin.pipelines.run import Pass

MINUTE = 60_000
MOMENTS = st.lists(st.integers(0, 120 * MINUTE), max_size=40).map(sorted)


@given(MOMENTS, st.integers(1, 4), st.integers(1, 30))
def test_a_gate_never_lets_more_through_than_it_says_and_everybody_once(moments, at_most, minutes):
    """Whoever comes waits until the moment it is told; by then it is free."""
    gate = RateGate(at_most, minutes * MINUTE)
    passes, waiting = [], [START + one for one in moments]
    while waiting:
        now = min(waiting)
        waiting.remove(now)
        free = free_at(passes, gate, now)
        if free > now:
            waiting.append(free)
        else:
            passes.append(Pass(now, 2))
    assert len(passes) == len(moments)
    for index in range(len(passes) - at_most):
        assert passes[index + at_most].at_ms - passes[index].at_ms >= gate.within_ms


@given(MOMENTS, st.integers(0, 5), st.integers(0, 30))
def test_what_is_told_together_keeps_its_distance_and_waits_no_longer_than_needed(
    moments, collect, frequency
):
    """Of one urgency: gaps are at least the frequency, waits at most what both ask for."""
    block = Notification("crew", collect_ms=collect * MINUTE, frequency_ms=frequency * MINUTE)
    passes, told = [], set()
    for moment in moments:
        now = START + moment
        at_ms, joins = release(passes, block, 2, now)
        assert now <= at_ms <= now + max(block.collect_ms, block.frequency_ms)
        if not joins:
            passes.append(Pass(at_ms, 2))
        told.add(at_ms)
    in_order = sorted(told)
    assert all(later - sooner >= block.frequency_ms for sooner, later in itertools.pairwise(in_order))


def test_more_urgent_than_all_that_wait_goes_at_once():
    """Critical waits neither for the collecting nor for the distance; High beside High does."""
    block = Notification("crew", collect_ms=5 * MINUTE, frequency_ms=30 * MINUTE)
    waiting = [Pass(START + 4 * MINUTE, 1)]
    assert release(waiting, block, 0, START) == (START, False)
    assert release(waiting, block, 1, START) == (START + 4 * MINUTE, True)
    lately = [Pass(START - MINUTE, 1)]
    assert release(lately, block, 0, START) == (START, False)
    assert release(lately, block, 1, START) == (START + 29 * MINUTE, False)


GATE = Plan((RateGate(1, 24 * 60 * MINUTE, bypass=("Critical",), id="gate"), Notification("operations")))


def test_an_alarm_that_becomes_more_urgent_waits_at_the_gate_no_longer_than_one_born_so():
    """Low, it has a day to wait; High is no reason to pass; Critical always passes."""
    passes = {"built-in/gate": (Pass(START - 1000, 3),)}
    tale = Tale(plan=GATE, priority="Low")
    assert tale.go(passes=passes) == []
    due_ms = tale.run.due_ms
    tale.alarm = tale.alarm._replace(priority="High")
    assert tale.go(passes=passes) == []
    assert (tale.run.position.waiting, tale.run.due_ms) == ("gate", due_ms)
    tale.alarm = tale.alarm._replace(priority="Critical")
    assert tale.go(passes=passes) == ["voice maria"]


def test_an_alarm_that_becomes_more_urgent_is_collected_no_longer():
    """What it waited for was less urgent than it is now; less urgent than it was, it waits on."""
    tale = Tale(plan=Plan((Notification("operations", collect_ms=60 * MINUTE),)), priority="Medium")
    assert tale.go() == []
    passes = {"built-in/block 1": (Pass(tale.run.due_ms, 2),)}
    tale.alarm = tale.alarm._replace(priority="Low")
    assert tale.go(passes=passes) == []
    tale.alarm = tale.alarm._replace(priority="Critical")
    assert tale.go(passes=passes) == ["voice maria"]

"""Who is on call at an instant: the same as somebody who watches the wall clock minute by minute would say."""

from datetime import timedelta
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from tests.people.naive import MINUTE, Naive, minutes
from tests.people.plans import directory, plans

quick = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def ms(at):
    return int(at.timestamp() * 1000)


@quick
@given(plans())
def test_it_agrees_with_who_watches_the_clock(made):
    """Around odd nights of many zones, with everything a roster can say: each minute, the same people."""
    plan, zone, around = made
    people = directory(plan)
    instants = list(minutes(zone, around))
    naive = Naive(plan, instants[0] - timedelta(days=2))
    for back in range(2 * 24 * 60, 0, -5):  # what the clock has read before
        naive.pass_to(instants[0] - back * MINUTE)
    for at in instants:
        naive.pass_to(at)
        assert people.on_call("crew", ms(at)).people == naive.on_call("crew", at), at


@quick
@given(plans())
def test_nothing_changes_before_the_answer_says_it_may(made):
    """Until `until_ms` it is the same people, and where nobody is on call it is said why."""
    plan, zone, around = made
    people = directory(plan)
    until_ms, last = 0, None
    for at in minutes(zone, around):
        shift = people.on_call("crew", ms(at))
        assert bool(shift.people) != bool(shift.why)
        if ms(at) < until_ms:
            assert shift.people == last.people
        assert shift.until_ms is None or shift.until_ms > ms(at)
        until_ms, last = shift.until_ms or 2**60, shift


@quick
@given(plans())
def test_gaps_are_when_nobody_is_on_call(made):
    """All of them, and no minute more; each with the reason that the instant gives too."""
    plan, zone, around = made
    people = directory(plan)
    instants = list(minutes(zone, around))
    from_ms, to_ms = ms(instants[0]), ms(instants[-1] + MINUTE)
    gaps = people.gaps(from_ms, to_ms)
    for at in instants:
        inside = [gap for gap in gaps if gap.from_ms <= ms(at) < gap.to_ms]
        shift = people.on_call("crew", ms(at))
        assert bool(inside) == (not shift.people), at
    for gap in gaps:
        assert from_ms <= gap.from_ms < gap.to_ms <= to_ms
        assert gap.why == people.on_call("crew", gap.from_ms).why


@quick
@given(plans())
def test_a_time_line_is_whole_and_agrees_with_every_instant(made):
    """One stretch ends where the next begins, from the first instant asked for to the last."""
    plan, zone, around = made
    people = directory(plan)
    instants = list(minutes(zone, around))
    from_ms, to_ms = ms(instants[0]), ms(instants[-1])
    line = people.stretches("crew", from_ms, to_ms)
    assert (line[0].from_ms, line[-1].to_ms) == (from_ms, to_ms)
    for one, following in pairwise(line):
        assert one.to_ms == following.from_ms
        assert (one.people, one.why) != (following.people, following.why)
    for one in line:
        for at_ms in (one.from_ms, (one.from_ms + one.to_ms) // 2, one.to_ms - 1):
            assert people.on_call("crew", at_ms).people == one.people

"""How much quiet a person gets: bounded, never for something more urgent, and never the end of it."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.channels.throttle import REMEMBERED_MS, Go, Later, Limit, Past, decide

NOW = 1_767_225_600_000
MINUTE = 60_000
ORDINARY = Limit()


def talked(minutes_ago: float, *, priority: int = 3, person: str = "maria") -> Past:
    return Past(person, f"+46-{person}", NOW - round(minutes_ago * MINUTE), priority)


def rang(minutes_ago: float, *, priority: int = 3, person: str = "maria", number: str = "") -> Past:
    at_ms = NOW - round(minutes_ago * MINUTE)
    return Past(person, number or f"+46-{person}", at_ms, priority, told=False)


def decided(*history, priority=3, person="maria", number="", limit=ORDINARY, now_ms=NOW):
    number = number or f"+46-{person}"
    return decide(history, person=person, number=number, priority=priority, limit=limit, now_ms=now_ms)


def test_whoever_knows_of_nothing_is_told_at_once():
    """A quiet night: the first call goes."""
    assert isinstance(decided(), Go)
    assert isinstance(decided(talked(40)), Go)


def test_after_a_talk_there_is_a_minute_of_quiet():
    """The next alarm of the same urgency waits for the rest of the minute, and the reason says so."""
    held = decided(talked(0.5))
    assert isinstance(held, Later)
    assert held.due_ms == NOW + 30_000
    assert held.why == "told a moment ago of something as urgent; 1 min of quiet follow"


@pytest.mark.parametrize(("talks", "quiet_s"), [(1, 60), (2, 120), (3, 240), (4, 240), (12, 240)])
def test_the_quiet_doubles_with_each_talk_up_to_four_minutes(talks, quiet_s):
    """1, 2, then 4 minutes: fifteen calls an hour at most, however long it goes on."""
    history = [talked(0.5 + 2 * n) for n in range(talks)]
    held = decided(*history)
    assert isinstance(held, Later)
    assert held.due_ms == NOW - 30_000 + quiet_s * 1000


def test_something_more_urgent_goes_at_once():
    """A Critical alarm is told to somebody who has just been told of a High one for the fourth time."""
    history = [talked(0.1 + n) for n in range(4)]
    assert isinstance(decided(*history, priority=4), Go)
    assert isinstance(decided(*history, priority=3), Later)


def test_what_is_less_urgent_never_uses_up_the_quiet_of_something_urgent():
    """Three Low alarms and one High one were told: the next High one waits one minute, not four."""
    history = [talked(0.5), *(talked(2 + n, priority=1) for n in range(3))]
    held = decided(*history, priority=3)
    assert isinstance(held, Later)
    assert held.due_ms == NOW + 30_000


def test_a_phone_that_rang_for_nothing_is_quiet_for_a_minute_from_its_first_ring():
    """Nobody was told, so the quiet does not grow; another number of the same person may ring at once."""
    misses = [rang(0.5), rang(2), rang(4)]
    held = decided(*misses)
    assert isinstance(held, Later)
    assert held.due_ms == NOW + 30_000
    assert held.why == "the phone rang less than 1 min ago"
    assert isinstance(decided(*misses, number="+46-other"), Go)
    assert isinstance(decided(*misses, priority=4), Go)


def test_a_shared_phone_rings_for_one_of_its_people_at_a_time():
    """The crew's phone has just rung for Jon: it does not ring for Maria within the same minute."""
    assert isinstance(decided(rang(0.5, person="jon", number="+46-crew"), number="+46-crew"), Later)
    assert isinstance(decided(talked(0.5, person="jon")), Go)


def test_no_pause_is_no_throttle():
    """0 turns it off."""
    assert isinstance(decided(talked(0), talked(0.1), limit=Limit(0, 0)), Go)


def test_a_clock_that_was_set_back_holds_nobody_back():
    """What is said to have happened in the time to come counts for nothing."""
    assert isinstance(decided(talked(-60)), Go)


limits = st.builds(
    lambda pause, longest: Limit(pause, max(pause, longest)),
    st.integers(1_000, 10 * MINUTE),
    st.integers(1_000, 20 * MINUTE),
)
pasts = st.builds(
    Past,
    st.just("maria"),
    st.sampled_from(["+1", "+2"]),
    st.integers(NOW - 2 * REMEMBERED_MS, NOW),
    st.integers(0, 4),
    st.booleans(),
)


@given(st.lists(pasts, max_size=40), st.integers(0, 4), limits)
def test_nothing_is_ever_held_back_for_longer_than_the_longest_quiet(history, priority, limit):
    """Whatever happened before: the wait is bounded, and when it is over it may go."""
    held = decided(*history, priority=priority, number="+1", limit=limit)
    if isinstance(held, Later):
        assert NOW < held.due_ms <= NOW + limit.longest_ms
        assert isinstance(
            decided(*history, priority=priority, number="+1", limit=limit, now_ms=held.due_ms), Go
        )


@given(st.lists(pasts, max_size=40), st.integers(0, 4), limits)
def test_only_what_is_as_urgent_holds_anything_back(history, priority, limit):
    """Leaving out everything less urgent changes nothing, so nothing urgent waits behind it."""
    as_urgent = [one for one in history if one.priority >= priority]
    asked = {"priority": priority, "number": "+1", "limit": limit}
    of_all, of_those = decided(*history, **asked), decided(*as_urgent, **asked)
    assert of_all == of_those or (isinstance(of_all, Go) and isinstance(of_those, Go))


@dataclass
class Desk:
    """One person's telephone: what waits, what went out, asked again and again as the dispatcher does."""

    limit: Limit
    now_ms: int = NOW
    waiting: list[tuple[int, int]] = field(default_factory=list)  # (since, priority)
    calls: list[tuple[int, int, int]] = field(default_factory=list)  # (began, ended, priority)
    history: list[Past] = field(default_factory=list)
    waits: list[tuple[int, int, int]] = field(default_factory=list)  # (since, told, priority)

    def look(self, talk_ms: int) -> int | None:
        """Call where that may be; give when to look again."""
        if not self.waiting:
            return None
        priority = max(one for _, one in self.waiting)
        verdict = decided(*self.history, priority=priority, number="+1", limit=self.limit, now_ms=self.now_ms)
        if isinstance(verdict, Later):
            return verdict.due_ms
        ended = self.now_ms + talk_ms
        self.calls.append((self.now_ms, ended, priority))
        self.history.append(Past("maria", "+1", ended, priority))
        self.waits += [(since, self.now_ms, one) for since, one in self.waiting]
        self.waiting.clear()
        self.now_ms = ended
        return None

    def until(self, at_ms: int, talk_ms: int) -> None:
        """Let time pass; the desk looks whenever it said it would."""
        while True:
            look_ms = self.look(talk_ms)
            if look_ms is None or look_ms > at_ms:
                break
            self.now_ms = look_ms
        self.now_ms = max(self.now_ms, at_ms)


arrivals = st.lists(st.tuples(st.integers(0, 10 * MINUTE), st.integers(0, 4)), min_size=1, max_size=60)


@settings(deadline=None)
@given(arrivals, limits, st.integers(0, 90_000))
def test_whatever_comes_all_is_told_in_time_and_the_limit_holds(sequence, limit, talk_ms):
    """Random alarms on one phone: all told, each within the longest quiet and two talks, and every call but one
    that is more urgent than its forerunners keeps its distance from them."""
    desk = Desk(limit)
    for gap_ms, priority in sequence:
        desk.until(desk.now_ms + gap_ms, talk_ms)
        desk.waiting.append((desk.now_ms, priority))
    desk.until(desk.now_ms + limit.longest_ms + 1, talk_ms)

    assert desk.waiting == []
    assert len(desk.waits) == len(sequence)
    for since, told, _ in desk.waits:
        assert told - since <= limit.longest_ms + 2 * talk_ms
    for index, (began, _, priority) in enumerate(desk.calls):
        earlier = [
            ended
            for _, ended, other in desk.calls[:index]
            if other >= priority and ended > began - REMEMBERED_MS
        ]
        if earlier:
            assert began >= max(earlier) + limit.after(len(earlier))


@given(st.lists(st.integers(0, 4), min_size=1, max_size=30), limits)
def test_an_urgent_alarm_is_told_before_the_less_urgent_ones_that_wait_with_it(priorities, limit):
    """All at one moment behind a talk of urgency 2: whatever is more urgent goes now and takes all along."""
    desk = Desk(limit, history=[Past("maria", "+1", NOW, 2)])
    desk.waiting = [(NOW, one) for one in priorities]
    desk.look(1_000)
    assert (desk.calls != []) == (max(priorities) > 2)
    assert desk.waiting == ([] if desk.calls else [(NOW, one) for one in priorities])
